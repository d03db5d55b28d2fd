package gengfu

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// AppendStepOutline adds what a page showed at the end of a step to evidence of
// the kind [EvidenceSteps]: a form feed, the step's index, then the outline. One
// that is the same as that of the step before is empty.
func AppendStepOutline(steps []byte, index int, outline []byte) []byte {
	return append(fmt.Appendf(steps, "\f%d\n", index), bytes.TrimRight(outline, "\n")...)
}

// StepOutline is what was shown at the end of a step, and whether that is known.
func StepOutline(steps []byte, index int) (outline []byte, known bool) {
	for part := range bytes.SplitSeq(steps, []byte{'\f'}) {
		head, body, _ := bytes.Cut(part, []byte{'\n'})
		if len(body) > 0 {
			outline = body
		}
		if n, err := strconv.Atoi(string(head)); err == nil && n == index {
			return outline, len(outline) > 0
		}
	}
	return nil, false
}

// StepPlace is the first line of a difference that was made at a step rather
// than at the ends of two runs.
func StepPlace(index int) string { return fmt.Sprintf("@@ step %d @@\n", index) }

// CutStepPlace takes that line off a difference. The index is 0 when there is
// none.
func CutStepPlace(diff string) (rest string, index int) {
	head, rest, ok := strings.Cut(diff, "\n")
	if _, err := fmt.Sscanf(head, "@@ step %d @@", &index); !ok || err != nil {
		return diff, 0
	}
	return rest, index
}
