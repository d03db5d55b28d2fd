package chrome

import (
	"encoding/json"
	"slices"
)

// readDatabases gives the IndexedDB databases of the document's origin, as JSON,
// or null when that took too long. One is left out when it has something that JSON
// cannot say, such as a key of the Web Crypto API, or when it is large: half of a
// database is worse than none, and pages fill large ones anew.
const readDatabases = `async () => {
  const maxSize = 1 << 18, maxRecords = 1000, out = [];
  const done = r => new Promise((yes, no) => { r.onsuccess = () => yes(r.result); r.onerror = r.onblocked = no; });
  const plain = v => v === null || typeof v === 'string' || typeof v === 'boolean' || Number.isFinite(v) ||
    typeof v === 'object' && (Array.isArray(v) ? v.every(plain) : Object.getPrototypeOf(v) === Object.prototype && Object.values(v).every(plain));
  const key = k => typeof k === 'string' || Number.isFinite(k);
  const store = async s => {
    const [keys, values] = await Promise.all([done(s.getAllKeys(null, maxRecords + 1)), done(s.getAll(null, maxRecords + 1))]);
    if (keys.length > maxRecords || !keys.every(key) || !values.every(plain)) throw new Error('not to be kept');
    const indexes = [...s.indexNames].map(n => { const i = s.index(n); return [n, i.keyPath, i.unique, i.multiEntry]; });
    return {name: s.name, path: s.keyPath, auto: s.autoIncrement, indexes, keys, values};
  };
  const read = async name => {
    const opening = indexedDB.open(name);
    opening.onupgradeneeded = () => opening.transaction.abort(); // it was deleted meanwhile
    const db = await done(opening);
    try {
      const names = [...db.objectStoreNames], t = names.length && db.transaction(names);
      return JSON.stringify({name, version: db.version, stores: await Promise.all(names.map(n => store(t.objectStore(n))))});
    } finally { db.close(); }
  };
  const all = async () => {
    let size = 0;
    for (const {name} of await indexedDB.databases()) {
      const text = await read(name).catch(() => '');
      if (text && size + text.length <= maxSize) { size += text.length; out.push(text); }
    }
    return out;
  };
  try { return await Promise.race([all(), new Promise(late => setTimeout(late, 1500, null))]); } catch { return []; }
}`

// refillDatabases puts databases back that are not there. The page's own requests
// for them, which come later, wait for these: a browser opens a database for one
// after the other, in order.
const refillDatabases = `databases => {
  for (const text of databases) try {
    const d = JSON.parse(text), opening = indexedDB.open(d.name, d.version);
    opening.onupgradeneeded = e => {
      if (e.oldVersion !== 0) return opening.transaction.abort();
      for (const s of d.stores) {
        const o = opening.result.createObjectStore(s.name, {keyPath: s.path, autoIncrement: s.auto});
        for (const [name, path, unique, multiEntry] of s.indexes) o.createIndex(name, path, {unique, multiEntry});
        s.values.forEach((v, i) => s.path === null ? o.put(v, s.keys[i]) : o.put(v));
      }
    };
    opening.onsuccess = () => opening.result.close();
    opening.onerror = e => e.preventDefault();
  } catch {}
}`

// databaseValues are the records of a database, without the names in it, as JSON.
func databaseValues(text string) string {
	var d struct {
		Stores []struct {
			Values json.RawMessage `json:"values"`
		} `json:"stores"`
	}
	if json.Unmarshal([]byte(text), &d) != nil {
		return text
	}
	var all []json.RawMessage
	for _, s := range d.Stores {
		all = append(all, s.Values)
	}
	values, err := json.Marshal(all)
	if err != nil {
		return text
	}
	return string(values)
}

// unread takes the databases of an earlier state where they could not be read now.
func (k *kept) unread(before keptStorage) {
	i := slices.IndexFunc(k.Storages, func(s keptStorage) bool { return s.Origin == before.Origin })
	if i >= 0 && k.Storages[i].Databases == nil {
		k.Storages[i].Databases = before.Databases
	}
}
