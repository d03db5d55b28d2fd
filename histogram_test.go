package gengfu_test

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"gengfu"
)

func lognormal(rnd *rand.Rand, n int) []time.Duration {
	all := make([]time.Duration, n)
	for i := range all {
		all[i] = time.Duration(math.Exp(rnd.NormFloat64()*0.8+6) * float64(time.Millisecond))
		if rnd.IntN(100) == 0 {
			all[i] += 10 * time.Second
		}
	}
	return all
}

func histogramOf(all []time.Duration) gengfu.Histogram {
	var h gengfu.Histogram
	for _, d := range all {
		h.Add(d)
	}
	return h
}

func TestHistogram_quantilesAreWithinTheirError(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 60, 1440, 20000} {
		all := lognormal(rnd, n)
		h := histogramOf(all)
		slices.Sort(all)
		for _, q := range []float64{0, 0.5, 0.9, 0.95, 0.99, 1} {
			rank := max(int(math.Ceil(q*float64(n))), 1)
			want, got := float64(all[rank-1]), float64(h.Quantile(q))
			if off := math.Abs(got-want) / want; off > 0.0220 {
				t.Errorf("n=%d q=%g: got %v, want %v, off by %.2f %%", n, q, h.Quantile(q), all[rank-1], 100*off)
			}
		}
	}
}

func TestHistogram_mergeEqualsAddingAll(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	all := lognormal(rnd, 500)
	var merged gengfu.Histogram
	for i := 0; i < len(all); i += 50 {
		merged.Merge(histogramOf(all[i : i+50]))
	}
	if !sameHistogram(t, merged, histogramOf(all)) {
		t.Error("merged parts differ from the whole")
	}
	if merged.Count() != 500 || merged.Mean() != merged.Sum()/500 {
		t.Errorf("count %d, mean %v, sum %v", merged.Count(), merged.Mean(), merged.Sum())
	}
}

func TestHistogram_cloneDoesNotShare(t *testing.T) {
	h := histogramOf([]time.Duration{time.Second})
	c := h.Clone()
	c.Add(time.Second)
	if got := h.AtMost(2 * time.Second); got != 1 {
		t.Errorf("the original counts %d after its clone was changed", got)
	}
}

func TestHistogram_atMostIsCumulative(t *testing.T) {
	h := histogramOf(lognormal(rand.New(rand.NewPCG(5, 6)), 1000))
	h.Add(0)
	last := uint64(0)
	for d := time.Duration(0); d < 20*time.Second; d += 10 * time.Millisecond {
		n := h.AtMost(d)
		if n < last {
			t.Fatalf("falls from %d to %d at %v", last, n, d)
		}
		last = n
	}
	if got := h.AtMost(math.MaxInt64); got != h.Count() {
		t.Errorf("all = %d, want %d", got, h.Count())
	}
	if h.AtMost(-1) != 0 || h.AtMost(0) != 1 {
		t.Errorf("at most -1: %d, at most 0: %d", h.AtMost(-1), h.AtMost(0))
	}
}

func TestHistogram_encodingIsSmallAndComplete(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	for n, limit := range map[int]int{0: 4, 60: 90, 1440: 260} {
		h := histogramOf(lognormal(rnd, n))
		data, _ := h.MarshalBinary()
		if len(data) > limit {
			t.Errorf("%d durations take %d bytes, want at most %d", n, len(data), limit)
		}
		var back gengfu.Histogram
		if err := back.UnmarshalBinary(data); err != nil || !sameHistogram(t, h, back) {
			t.Errorf("%d durations do not come back: %v", n, err)
		}
	}
}

func TestHistogram_extremesStayInside(t *testing.T) {
	var h gengfu.Histogram
	for _, d := range []time.Duration{-time.Hour, 0, 1, time.Microsecond, math.MaxInt64, math.MaxInt64} {
		h.Add(d)
	}
	if h.Count() != 6 || h.Sum() != math.MaxInt64 {
		t.Errorf("count %d, sum %v", h.Count(), h.Sum())
	}
	data, _ := h.MarshalBinary()
	var back gengfu.Histogram
	if err := back.UnmarshalBinary(data); err != nil || back.Count() != 6 {
		t.Errorf("count %d after the way back: %v", back.Count(), err)
	}
	if got := h.Quantile(math.NaN()); got != 0 {
		t.Errorf("quantile NaN = %v", got)
	}
}

func FuzzHistogram_UnmarshalBinary(f *testing.F) {
	h := histogramOf(lognormal(rand.New(rand.NewPCG(9, 10)), 100))
	data, _ := h.MarshalBinary()
	f.Add(data)
	f.Add([]byte{})
	f.Add([]byte{1, 0, 0, 200, 200, 200})
	f.Add(append(bytes.Clone(data), 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		var h gengfu.Histogram
		if err := h.UnmarshalBinary(data); err != nil {
			if !errors.Is(err, gengfu.ErrInvalid) || h.Count() != 0 {
				t.Fatalf("refused with %v, count %d", err, h.Count())
			}
			return
		}
		again, _ := h.MarshalBinary()
		var back gengfu.Histogram
		if err := back.UnmarshalBinary(again); err != nil || !sameHistogram(t, h, back) {
			t.Fatalf("accepted data does not come back: %v", err)
		}
		h.Merge(back)
		_, _ = h.Quantile(0.95), h.AtMost(time.Second)
	})
}

func sameHistogram(t *testing.T, a, b gengfu.Histogram) bool {
	t.Helper()
	x, errX := a.MarshalBinary()
	y, errY := b.MarshalBinary()
	if errX != nil || errY != nil {
		t.Fatal(errX, errY)
	}
	return a.Count() == b.Count() && bytes.Equal(x, y)
}
