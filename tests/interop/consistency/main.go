// Checks with golang.org/x/mod/sumdb/{note,tlog} alone that one signed checkpoint continues another: it is given a public
// key, both checkpoints and the proof that `nom audit consistency --out` wrote, each as a file of one tree.
//
// The test `tests/audit/test_consistency.py` builds and runs it where Go is installed.
package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func hash(text string) tlog.Hash {
	data := must(base64.StdEncoding.DecodeString(text))
	if len(data) != tlog.HashSize {
		must(0, fmt.Errorf("a hash of %d bytes", len(data)))
	}
	return tlog.Hash(data)
}

func opened(text []byte, verifier note.Verifier) (int64, tlog.Hash) {
	signed := must(note.Open(text, note.VerifierList(verifier)))
	lines := strings.Split(signed.Text, "\n")
	return must(strconv.ParseInt(lines[1], 10, 64)), hash(lines[2])
}

func main() {
	key, old, later, proof := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	verifier := must(note.NewVerifier(strings.TrimSpace(string(must(os.ReadFile(key))))))
	before, oldRoot := opened(must(os.ReadFile(old)), verifier)
	after, newRoot := opened(must(os.ReadFile(later)), verifier)
	head, checkpoint, _ := strings.Cut(string(must(os.ReadFile(proof))), "\n\n")
	lines := strings.Split(head, "\n")
	if size, root := opened([]byte(checkpoint), verifier); size != after || root != newRoot {
		must(0, fmt.Errorf("the proof is for another checkpoint"))
	}
	if lines[0] != fmt.Sprintf("old %d", before) {
		must(0, fmt.Errorf("the proof begins with %q", lines[0]))
	}
	var steps tlog.TreeProof
	for _, line := range lines[1:] {
		steps = append(steps, hash(line))
	}
	must(0, tlog.CheckTree(steps, after, newRoot, before, oldRoot))
	fmt.Printf("%d continues %d\n", after, before)
}
