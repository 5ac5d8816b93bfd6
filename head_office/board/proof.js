// Whether the record of the branch's day is complete here, in words.

import { made } from "./branch_parts.js";
import { write } from "./around.js";
import { officeNow } from "./net.js";
import { exactly, figure } from "./words.js";

const at = (id) => document.getElementById(id);

export function drawProof(proof, provedAt, words) {
  if (!proof) return write(at("proof"), words.proving);
  at("proof").dataset.verdict = proof.verdict;
  write(at("proof"), words.verdicts[proof.verdict](proof.day, proof.altered && figure(proof.altered)));
  at("proof-facts").replaceChildren(...facts(proof, provedAt, words).map((text) => made("li", "", text)));
}

function facts(proof, provedAt, words) {
  const said = [];
  if (proof.missing.length) said.push(words.lacking(proof.missing.map(([from, to]) => (from === to ? figure(from) : `${figure(from)}–${figure(to)}`)).join(", ")));
  if (proof.first_seq != null) said.push(words.entries(figure(proof.first_seq), figure(proof.last_seq)));
  if (proof.said_at && !proof.closed) said.push(words.goesOn(exactly(proof.said_at, officeNow())));
  said.push(words.provedAt(exactly(provedAt, officeNow())));
  return said;
}
