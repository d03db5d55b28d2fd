package web

import "gengfu"

// remarkDoc is what a run tells beside its verdict, in both languages.
type remarkDoc struct {
	Step    int               `json:"step"`
	Kind    gengfu.RemarkKind `json:"kind"`
	Chinese string            `json:"zh"`
	English string            `json:"en"`
}

func remarkDocsOf(list []gengfu.Remark) []remarkDoc {
	var out []remarkDoc
	for _, m := range list {
		out = append(out, remarkDoc{m.Step, m.Kind, m.Sentence(gengfu.Chinese), m.Sentence(gengfu.English)})
	}
	return out
}
