// What few questions need, evidence and rare acts: it is given to a document with
// the first of them, and works with what the core lends it.
core => {
const { aim, aimed, arm, below, clip, contentNamed, cover, describe, disabled, find, fold, hit, name, one, onScreen, ownerOf, parentOf, role, roots, secretFields,
  select, short, sight, skipped, squash, state, steady, text, until, visible } = core;
