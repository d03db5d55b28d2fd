package chrome

import (
	"context"
	"strconv"
	"strings"

	"gengfu"
	"gengfu/scenarios"
)

// save takes values from the page into variables.
func (r *runner) save(ctx context.Context, st *scenarios.Step) error {
	if err := r.keepOf(st.Saves); err != nil {
		return err
	}
	for _, sv := range st.Saves {
		if sv.OfAnswer() {
			continue
		}
		value, err := r.valueOf(ctx, st, sv)
		if err != nil {
			return err
		}
		if sv.Pattern != nil {
			m := sv.Pattern.FindStringSubmatch(value)
			if m == nil {
				return r.notSaved(sv, "/"+sv.Pattern.String()+"/", value)
			}
			value = m[len(m)-1]
		}
		if sv.Number {
			if _, err := strconv.ParseFloat(strings.ReplaceAll(value, ",", ""), 64); err != nil {
				return r.notSaved(sv, "number", value)
			}
			value = strings.ReplaceAll(value, ",", "")
		}
		r.env.Saved[sv.Name] = scenarios.Value{Text: value, Secret: sv.Cookie != ""}
	}
	return nil
}

func (r *runner) notSaved(sv scenarios.SaveValue, want, seen string) error {
	return &stop{gengfu.Failure{
		Fault: gengfu.FaultAssertion, Reason: gengfu.ReasonExpect, Want: sv.Name + " " + want, Seen: "“" + cut(r.rec.clean(seen)) + "”",
	}}
}

func (r *runner) valueOf(ctx context.Context, st *scenarios.Step, sv scenarios.SaveValue) (string, error) {
	switch {
	case sv.Cookie != "":
		return r.cookie(ctx, sv.Cookie)
	case sv.Answer != nil:
		return r.answer(ctx, sv)
	}
	id := r.page.main
	if sv.From == nil {
		var doc struct{ URL, Title string }
		s, world, err := r.page.world(ctx, id)
		if err != nil {
			return "", err
		}
		if err := evaluate(ctx, s, world, `()=>({URL:location.href,Title:document.title})`, 0, nil, &doc); err != nil {
			return "", err
		}
		if sv.Source == "url" {
			return doc.URL, nil
		}
		return doc.Title, nil
	}
	q, err := r.compile(*sv.From, useControl)
	if err != nil {
		return "", err
	}
	if sv.Source == "value" {
		q.useAs(useField)
	}
	if id, err = r.frameOf(ctx, st.Frame, sv.From.Frame); err != nil {
		return "", err
	}
	rep, err := r.page.ask(ctx, id, `(q,s,a,b)=>__gengfu.read(q,s,a,b)`, q, sv.Source, sv.Attribute, budget{})
	if err != nil {
		return "", err
	}
	if !rep.OK {
		return "", r.unready(q, rep)
	}
	return rep.Value, nil
}
