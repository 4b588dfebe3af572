// SPDX-License-Identifier: Apache-2.0
// The address says what is looked at, so that it can be sent, and a change of language keeps the place.

/** Keep these names in the address; an empty value goes. */
export function keep(values) {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(values)) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  history.replaceState(null, "", address);
  for (const link of document.querySelectorAll(".drawer a[lang]")) {
    address.searchParams.set("lang", link.lang);
    link.href = address.pathname + address.search;
  }
}
