// shade blackens a box where it is painted: whatever lies over it in the page
// stays to be seen, as a message over a log-in form must. It does so by paused
// animations, which change nothing that the page's scripts watch, and reports
// false when styles of the page are stronger, animations of the page go on (the
// compositor would play them over ours) or the box is of a kind that has no
// ground of its own; then paint has to be put on top.
const shades = new Map();
const dark = { backgroundColor: 'rgb(0, 0, 0)', backgroundImage: 'none', filter: 'brightness(0) invert(0.27)', clipPath: 'inset(0px)', opacity: '1', mixBlendMode: 'normal', maskImage: 'none', borderRadius: '0px' };
const grounded = /^(block|inline-block|flex|inline-flex|grid|inline-grid|flow-root|list-item|table-cell)$/;
const shade = e => {
  if (shades.has(e)) return true;
  const cs = getComputedStyle(e);
  if (!(e instanceof HTMLElement) || !grounded.test(cs.display) || e.getClientRects().length !== 1 || cs.webkitBoxReflect !== 'none' || e.getAnimations().length) return false;
  if (inside(e).some(o => o.matches(':modal,:popover-open,:fullscreen'))) return false; // they are painted elsewhere
  let a = null;
  try {
    a = e.animate([dark, dark], { duration: 1000, fill: 'both' });
    a.pause();
    a.currentTime = 0;
  } catch { return false; }
  if (Object.entries(dark).every(([k, v]) => cs[k] === v)) { shades.set(e, a); return true; }
  a.cancel();
  return false;
};
const unshade = () => { for (const a of shades.values()) a.cancel(); shades.clear(); };
