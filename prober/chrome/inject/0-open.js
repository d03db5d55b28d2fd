// One closure for each document, in an isolated world: the page cannot see or
// change it, and its patched builtins do not reach in here.
if (!globalThis.__gengfu) globalThis.__gengfu = (() => {
