package scenarios

import (
	"encoding/json"
)

// object is a JSON object of the schema.
type object = map[string]any

// Schema is the JSON Schema (draft-07) of scenario files, for completion and
// checks in an editor. A step is one object with every verb as a property: a
// choice of steps would make editors offer everything twice. That a step has
// one verb only is left to the check.
func Schema() []byte {
	l := newLanguage()
	properties := l.properties(fields(l.top))
	for name, p := range l.properties(fields(l.fragment)) {
		if _, both := properties[name]; !both {
			properties[name] = p
		}
	}
	root := object{
		"$schema":              "http://json-schema.org/draft-07/schema#",
		"title":                "Gengfu scenario",
		"type":                 "object",
		"properties":           properties,
		"additionalProperties": false,
		"anyOf":                []any{object{"required": required(fields(l.top))}, object{"required": required(fields(l.fragment))}},
		"definitions":          l.definitions(),
	}
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil { // maps of strings and numbers always encode
		return nil
	}
	return append(out, '\n')
}

func ref(s Shape) object { return object{"$ref": "#/definitions/" + string(s)} }

func listOf(schema any) object { return object{"type": "array", "items": schema} }

func either(schemas ...any) object { return object{"anyOf": schemas} }

// properties describes keys; a description stands beside a reference in an
// allOf, because draft-07 ignores what stands beside $ref itself.
func (l *language) properties(fs []Field) object {
	out := object{}
	for _, f := range fs {
		p := object{"description": f.Zh + " / " + f.En}
		switch {
		case len(f.Words) > 0:
			p["type"], p["enum"] = "string", f.Words
		default:
			p["allOf"] = []any{ref(f.Shape)}
		}
		out[f.Name] = p
	}
	return out
}

func required(fs []Field) []string {
	var out []string
	for _, f := range fs {
		if f.Required {
			out = append(out, f.Name)
		}
	}
	return out
}

func (l *language) object(fs []Field) object {
	o := object{"type": "object", "properties": l.properties(fs), "additionalProperties": false}
	if names := required(fs); len(names) > 0 {
		o["required"] = names
	}
	return o
}

// definitions has one entry for each shape.
func (l *language) definitions() object {
	text := ref(shapeText)
	locator := ref(shapeLocator)
	defs := map[Shape]any{
		shapeText:     object{"type": []string{"string", "number", "boolean"}},
		shapeTexts:    either(text, listOf(text)),
		shapeBool:     object{"type": "boolean"},
		shapeInt:      object{"type": "integer"},
		shapeNumber:   object{"type": "number"},
		shapeDuration: object{"type": "string", "pattern": `^([0-9.]+d)?([0-9.]+(ms|s|m|h))*$`},
		shapeLocator:  either(ref("oneLocator"), object{"type": "array", "minItems": 2, "items": ref("oneLocator")}),
		"oneLocator":  either(object{"type": []string{"string", "number"}}, l.object(fields(l.locator))),
		shapeFrames:   either(locator, listOf(locator)),
		shapeForm:     either(object{"type": "object", "additionalProperties": text}, listOf(l.object(fields(l.fields)))),
		shapeGoto:     either(text, l.object(fields(l.gotos))),
		shapePress:    either(text, l.object(fields(l.presses))),
		shapeWait:     either(ref(shapeDuration), ref(shapeExpects)),
		shapeSaves:    object{"type": "object", "minProperties": 1, "additionalProperties": l.object(fields(l.saves))},
		shapeTOTP:     l.object(fields(l.totps)),
		shapeOutcomes: either(ref("outcome"), listOf(ref("outcome"))),
		"outcome":     l.object(fields(l.outcomes)),
		shapeTextMap:  object{"type": "object", "additionalProperties": text},
		shapeSteps:    object{"type": "array", "minItems": 1, "items": ref("step")},
		"step":        l.step(),
	}
	l.expectDefinitions(defs)
	l.settingDefinitions(defs)
	l.handDefinitions(defs)
	l.netDefinitions(defs)
	out := object{}
	for shape, schema := range defs {
		out[string(shape)] = schema
	}
	return out
}

func (l *language) expectDefinitions(defs map[Shape]any) {
	text, locator := ref(shapeText), ref(shapeLocator)
	status := object{"type": "integer", "minimum": 100, "maximum": 599}
	defs[shapeExpects] = either(ref("expect"), listOf(ref("expect")))
	defs["expect"] = l.object(fields(l.expects))
	defs[shapeMatch] = either(text, l.object(fields(l.match)))
	defs[shapeURL] = either(text, l.object(fields(l.url)))
	defs[shapeOfText] = either(text, l.object(fields(l.ofText)))
	defs[shapeOfValue] = l.object(fields(l.ofValue))
	defs[shapeAttr] = l.object(fields(l.attribute))
	defs[shapeCount] = l.object(fields(l.count))
	defs[shapeState] = either(locator, l.object(fields(l.state)))
	defs[shapeConsole] = l.object(fields(l.console))
	defs[shapeRequests] = l.object(fields(l.requests))
	defs[shapeStatuses] = either(status, listOf(status))
}

func (l *language) settingDefinitions(defs map[Shape]any) {
	defs[shapeBudget] = l.object(fields(l.budget))
	defs[shapeBudgets] = l.object(fields(l.budgets))
	defs[shapeCLS] = l.object(fields(l.cls))
	defs[shapeBrowser] = l.object(fields(l.browser))
	defs[shapeDevice] = either(object{"type": "string", "enum": devices()}, l.object(fields(l.device)))
	defs[shapeTrace] = l.object(fields(l.trace))
	defs[shapeSchedule] = l.object(fields(l.schedule))
	defs[shapeRate] = l.object(fields(l.rate))
	defs[shapeDense] = l.object(fields(l.dense))
	defs[shapeConfirm] = l.object(fields(l.confirm))
	defs[shapeSession] = l.object(fields(l.session))
	defs[shapeKeep] = either(ref(shapeDuration), object{"type": "integer", "enum": []int{0}})
	defs[shapeParams] = object{"type": "object", "additionalProperties": l.object(fields(l.param))}
}

// handDefinitions are the shapes of hand.go and equipment.go.
func (l *language) handDefinitions(defs map[Shape]any) {
	text := ref(shapeText)
	list := func(schema object) object { return either(schema, listOf(schema)) }
	defs[shapeDrag] = l.object(fields(l.drags))
	defs[shapeScroll] = ref(shapeLocator)
	defs[shapeDialog] = either(object{"type": "string", "enum": []string{"accept", "dismiss"}}, l.object(fields(l.dialog)))
	defs[shapePoint] = object{"type": "array", "items": object{"type": "number"}, "minItems": 2, "maxItems": 2}
	defs[shapeDownload] = either(text, l.object(fields(l.download)))
	defs[shapeSize] = object{"type": []string{"string", "number"}}
	defs[shapeLogins] = list(l.object(fields(l.login)))
	defs[shapeClients] = list(l.object(fields(l.client)))
	defs[shapeCookies] = list(l.object(fields(l.cookie)))
	defs[shapeGuard] = l.object(fields(l.guard))
	defs[shapeRepeat] = l.object(fields(l.repeat))
	defs[shapeStore] = l.object(fields(l.store))
	defs[shapeAttend], defs[shapeRefresh] = l.object(fields(l.attend)), l.object(fields(l.refresh))
	defs[shapeScript] = either(text, l.object(fields(l.script)))
	defs[shapeAudit] = either(object{"type": "string", "enum": append(Impacts(), "never")}, l.object(fields(l.audit)))
	defs[shapeCounts] = l.object(fields(l.counts))
	defs[shapeSizes] = l.object(fields(l.sizes))
	defs[shapeStanding] = list(l.object(fields(l.standing)))
	defs[shapeLocation] = l.object(fields(l.location))
	defs[shapeNetwork] = l.object(fields(l.network))
}

func (l *language) step() object {
	var fs []Field
	for _, v := range l.verbs {
		fs = append(fs, Field{Name: string(v.Verb), Shape: v.Shape, Zh: v.Zh, En: v.En + ". " + v.Example})
	}
	o := l.object(append(fs, fields(l.modifiers)...))
	o["minProperties"] = 1
	return o
}
