package chrome

import "gengfu"

// sealed makes an artefact: the one way of the engine's to do so. Texts lose the
// secrets, and the beginnings of secrets where the page's text was cut off.
func (r *recorder) sealed(kind gengfu.EvidenceKind, content []byte) gengfu.Evidence {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !kind.Opaque() && kind != gengfu.EvidenceHAR { // whose texts came here one by one
		content = []byte(r.redacted(string(content)))
	}
	return r.redact.Evidence(kind, content)
}

// keep puts an artefact among the run's evidence, unless there is nothing of it.
func (r *runner) keep(kind gengfu.EvidenceKind, content []byte) {
	if e := r.rec.sealed(kind, content); e.Size > 0 {
		r.run.Evidence = append(r.run.Evidence, e)
	}
}
