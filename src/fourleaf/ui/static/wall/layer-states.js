// SPDX-License-Identifier: Apache-2.0
// What is not calm, joined by id to the points that the map has fetched. What a cluster counts is made of what its points say, in
// the map's own thread; a feature-state is no part of that. So what changed is told to it as a difference by id.

import { allUnknown, things } from "../kit/store.js";

const SOON_MS = 500; // many changes at once are one difference

const held = new Map(); // source -> {ids, states}: which points the map has, and the state of those that are not calm
let timer = 0;

/** Called whenever the map has read something. What it was told meanwhile is put right. */
export async function join(map, source) {
  const data = await map.getSource(source)?.getData();
  if (!data?.features) return;
  const odd = data.features.filter(({ properties }) => properties.state).map(({ properties }) => [properties.id, properties.state]);
  held.set(source, { ids: new Set(data.features.map(({ properties }) => properties.id)), states: new Map(odd) });
  put(map, source);
}

export function joinSoon(map, sources) {
  timer ||= setTimeout(() => {
    timer = 0;
    for (const source of sources()) if (held.has(source)) put(map, source);
  }, SOON_MS);
}

export const forget = (source) => held.delete(source);

/** While nothing is known, all stays as it was. */
function put(map, source) {
  if (allUnknown() || !map.getSource(source)) return;
  const { ids, states } = held.get(source);
  const wanted = statesOf(source.slice(source.indexOf("-") + 1), ids);
  const fresh = [...wanted].filter(([id, state]) => states.get(id) !== state);
  const calm = [...states.keys()].filter((id) => !wanted.has(id));
  if (!fresh.length && !calm.length) return;
  held.set(source, { ids, states: wanted });
  map.getSource(source).updateData({ update: [
    ...fresh.map(([id, value]) => ({ id, addOrUpdateProperties: [{ key: "state", value }] })),
    ...calm.map((id) => ({ id, removeProperties: ["state"] })),
  ] });
}

function statesOf(key, ids) {
  const mine = things("state").filter(({ thing }) => thing.startsWith(`${key}.`)).map(({ thing, props }) => [thing.slice(key.length + 1), props.state]);
  return new Map(mine.filter(([id]) => ids.has(id)));
}
