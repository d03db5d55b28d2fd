package netcheck

import (
	"fmt"
	"strconv"
	"strings"

	"gengfu"
	"gengfu/scenarios"
)

// Keep takes the values of a save step that the last answer has.
func (c *Checker) Keep(on *scenarios.Errand, saves []scenarios.SaveValue) *gengfu.Failure {
	return failureOf(keep(on, saves))
}

// keep takes values of the last answer into variables.
func keep(on *scenarios.Errand, saves []scenarios.SaveValue) error {
	for _, sv := range saves {
		if !sv.OfAnswer() {
			continue
		}
		text, err := valueOf(on, sv)
		if err != nil {
			return err
		}
		if sv.Pattern != nil {
			m := sv.Pattern.FindStringSubmatch(text)
			if m == nil {
				return unmet(sv.Name+" /"+sv.Pattern.String()+"/", quoted(text))
			}
			text = m[len(m)-1]
		}
		if sv.Number {
			plain := strings.ReplaceAll(text, ",", "")
			if _, err := strconv.ParseFloat(plain, 64); err != nil {
				return unmet(sv.Name+" number", quoted(text))
			}
			text = plain
		}
		on.Env.Saved[sv.Name] = scenarios.Value{Text: text}
	}
	return nil
}

func valueOf(on *scenarios.Errand, sv scenarios.SaveValue) (string, error) {
	if on.Answer == nil {
		return "", wrong("%s: no step before it had an answer", sv.Name)
	}
	switch sv.Source {
	case "header":
		values := on.Answer.Header.Values(sv.Header)
		if len(values) == 0 {
			return "", unmet(fmt.Sprintf("%s header %s", sv.Name, sv.Header), "nothing")
		}
		return values[0], nil
	case "body":
		return string(on.Answer.Body), nil
	}
	doc, err := decode(on.Answer)
	if err != nil {
		return "", err
	}
	found := sv.Path.Find(doc)
	if len(found) == 0 {
		return "", unmet(fmt.Sprintf("%s json %s", sv.Name, sv.Path), "nothing")
	}
	return word(found[0]), nil
}
