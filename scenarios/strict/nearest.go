package strict

import (
	"fmt"
	"strings"
)

// Nearest returns the known word that was probably meant, or "" when none is
// close: one edit, one more for every three characters, three at most. Swapped
// neighbours count as one edit.
func Nearest(word string, known []string) string {
	best, least := "", min(1+len([]rune(word))/3, 3)
	for _, k := range known {
		if strings.EqualFold(k, word) {
			return k
		}
		if d := distance([]rune(word), []rune(k)); d <= least && (best == "" || d < least) {
			best, least = k, d
		}
	}
	return best
}

// maxChoice is how many words a person still reads in a remedy.
const maxChoice = 30

// Suggest is the remedy for an unknown word: the near one, or the choice when
// it is short enough to read.
func Suggest(word string, known []string) string {
	switch near := Nearest(word, known); {
	case near != "":
		return fmt.Sprintf("did you mean %q?", near)
	case len(known) == 0:
		return "leave it out"
	case len(known) > maxChoice:
		return "check the spelling"
	case len(known) == 1:
		return "only " + known[0] + " is known here"
	}
	return "known are " + strings.Join(known[:len(known)-1], ", ") + " and " + known[len(known)-1]
}

// distance is the optimal string alignment distance. Long words are not
// compared: they are not slips of the finger.
func distance(a, b []rune) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	before, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(b)]
}
