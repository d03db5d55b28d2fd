package prober

import (
	"fmt"
	"strings"
)

// Limits on a comparison of texts.
const (
	maxLines = 2000
	around   = 3 // lines around a change
	maxDiff  = 64 << 10
)

// OutlineDiff is the unified difference of two outlines of a page, as GNU diff
// -u writes it but without names of files. It is empty when they are equal, and
// cut where it gets longer than anyone reads.
func OutlineDiff(good, now string) string {
	a, b := lines(good), lines(now)
	ops := compare(a, b)
	var out strings.Builder
	for i := 0; i < len(ops); {
		if ops[i].sign == ' ' {
			i++
			continue
		}
		from := max(0, i-around)
		to := i
		for quiet := 0; to < len(ops) && quiet <= 2*around; to++ {
			if quiet++; ops[to].sign != ' ' {
				quiet = 0
			}
		}
		for to > i && to-1 >= 0 && trailing(ops[:to]) > around {
			to--
		}
		hunk(&out, ops, from, to)
		if out.Len() > maxDiff {
			return out.String()[:maxDiff] + "\n…\n"
		}
		i = to
	}
	return out.String()
}

func lines(s string) []string {
	list := strings.Split(strings.TrimRight(s, "\n"), "\n")
	return list[:min(len(list), maxLines)]
}

// op is a line of both texts (a blank), of the first (-) or of the second (+).
type op struct {
	sign byte
	text string
	a, b int // lines of the texts before it
}

// compare finds the longest common sequence of lines.
func compare(a, b []string) []op {
	length := make([][]int16, len(a)+1)
	for i := range length {
		length[i] = make([]int16, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	var ops []op
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			ops = append(ops, op{' ', a[i], i, j})
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || length[i+1][j] >= length[i][j+1]):
			ops = append(ops, op{'-', a[i], i, j})
			i++
		default:
			ops = append(ops, op{'+', b[j], i, j})
			j++
		}
	}
	return ops
}

// trailing counts the equal lines at the end.
func trailing(ops []op) int {
	n := 0
	for n < len(ops) && ops[len(ops)-1-n].sign == ' ' {
		n++
	}
	return n
}

func hunk(out *strings.Builder, ops []op, from, to int) {
	var a, b int
	for _, o := range ops[from:to] {
		if o.sign != '+' {
			a++
		}
		if o.sign != '-' {
			b++
		}
	}
	fmt.Fprintf(out, "@@ -%d,%d +%d,%d @@\n", first(ops[from].a, a), a, first(ops[from].b, b), b)
	for _, o := range ops[from:to] {
		fmt.Fprintf(out, "%c%s\n", o.sign, o.text)
	}
}

// first is the number of a hunk's first line: that before it when it has none.
func first(before, count int) int {
	if count == 0 {
		return before
	}
	return before + 1
}
