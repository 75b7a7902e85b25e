/** A failure as plain text, for a mail or a ticket. */
import type { Diagnosis } from "../../ipc";

export function asText(diagnosis: Diagnosis): string {
  const lines = [
    `${diagnosis.code} ${diagnosis.title}`,
    `What happened: ${diagnosis.what_happened}`,
    `Why: ${diagnosis.why}`,
    ...(diagnosis.state_now === "" ? [] : [`State now: ${diagnosis.state_now}`]),
    ...diagnosis.details.map((detail) => `${detail.label}: ${detail.value}`),
  ];
  return lines.join("\n");
}
