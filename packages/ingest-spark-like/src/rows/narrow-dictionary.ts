/** Keeps only the entries that are used, in their order; replaces ids by places among them, in place. */
export function narrow<Entry>(entries: readonly Entry[], ids: Uint32Array): Entry[] {
  const places = new Uint32Array(entries.length);
  for (const id of ids) places[id] = 1;
  const used: Entry[] = [];
  for (let id = 0; id < places.length; id++) {
    if (places[id] === 0) continue;
    places[id] = used.length;
    used.push(entries[id]);
  }
  for (let at = 0; at < ids.length; at++) ids[at] = places[ids[at]];
  return used;
}
