// Writes what independent implementations of the tree and of signed notes make of a fixed input, as JSON on standard
// output: golang.org/x/mod/sumdb/{note,tlog} sign and prove, transparency-dev/merkle checks every proof again.
//
// The test `tests/contracts/test_interop.py` compares our own bytes with the file that this wrote:
//
//	cd tests/interop && go run . > vectors.json
package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const leaves = 21

type inclusion struct {
	Size, Index int64
	Proof       []string
}

type consistency struct {
	Before, After int64
	Proof         []string
}

type vectors struct {
	Seed, Verifier string
	Leaves         []string
	Roots          []string
	Inclusions     []inclusion
	Consistencies  []consistency
	Notes          []string
}

type hashes []tlog.Hash

func (stored hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for at, index := range indexes {
		found[at] = stored[index]
	}
	return found, nil
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func hexes(proof []tlog.Hash) []string {
	out := []string{}
	for _, hash := range proof {
		out = append(out, hex.EncodeToString(hash[:]))
	}
	return out
}

func raw(proof []tlog.Hash) [][]byte {
	out := [][]byte{}
	for _, hash := range proof {
		out = append(out, append([]byte{}, hash[:]...))
	}
	return out
}

func main() {
	name := "nom/gmp"
	seed := make([]byte, 32)
	for at := range seed {
		seed[at] = byte(at)
	}
	skey, vkey := keys(name, seed)
	signer := must(note.NewSigner(skey))
	result := vectors{Seed: hex.EncodeToString(seed), Verifier: vkey}
	var stored hashes
	var roots []tlog.Hash
	for at := int64(0); at < leaves; at++ {
		data := []byte(fmt.Sprintf("record %d", at))
		result.Leaves = append(result.Leaves, hex.EncodeToString(data))
		stored = append(stored, must(tlog.StoredHashes(at, data, stored))...)
		root := must(tlog.TreeHash(at+1, stored))
		roots = append(roots, root)
		result.Roots = append(result.Roots, hex.EncodeToString(root[:]))
	}
	for size := int64(1); size <= leaves; size++ {
		root := roots[size-1]
		for index := int64(0); index < size; index++ {
			path := must(tlog.ProveRecord(size, index, stored))
			leaf := tlog.RecordHash([]byte(fmt.Sprintf("record %d", index)))
			check(proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(index), uint64(size), leaf[:], raw(path), root[:]))
			result.Inclusions = append(result.Inclusions, inclusion{size, index, hexes(path)})
		}
		for before := int64(1); before <= size; before++ {
			path := must(tlog.ProveTree(size, before, stored))
			old := roots[before-1]
			check(proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(before), uint64(size), raw(path), old[:], root[:]))
			result.Consistencies = append(result.Consistencies, consistency{before, size, hexes(path)})
		}
		body := fmt.Sprintf("%s/records\n%d\n%s\n", name, size, base64.StdEncoding.EncodeToString(root[:]))
		signed := must(note.Sign(&note.Note{Text: body}, signer))
		must(note.Open(signed, note.VerifierList(must(note.NewVerifier(vkey)))))
		result.Notes = append(result.Notes, string(signed))
	}
	written := must(json.Marshal(result))
	fmt.Println(string(written))
}

func check(err error) {
	must(0, err)
}

// keys gives the signer's and the verifier's keys for a seed: note.GenerateKey takes its seed from a reader.
func keys(name string, seed []byte) (string, string) {
	skey, vkey, err := note.GenerateKey(strings.NewReader(string(seed)), name)
	if err != nil {
		check(err)
	}
	return skey, vkey
}
