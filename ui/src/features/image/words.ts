/** Integrity, checks and fit in words. */
import type {
  Check,
  CheckResult,
  ConfirmationAbout,
  DestinationOffer,
  Fit,
  Inspection,
  Integrity,
  Signature,
  Verdict,
} from "../../ipc";
import { short } from "../../shared/format";
import type { Mark } from "../../state/mark";

/** The word beside the file's name. Never says more than was checked. */
export function integrityMark(verdict: Verdict): Mark {
  return markOf(verdict.integrity, verdict.inspection);
}

/** The same for a part of a file. */
export function markOf(integrity: Integrity, inspection: Inspection): Mark {
  switch (integrity) {
    case "intact":
      return inspection.checks.some((check) => check.result === "warning")
        ? { icon: "warn", word: "Intact, with a warning", tone: "warn" }
        : { icon: "ok", word: "Intact", tone: "ok" };
    case "damaged":
      return { icon: "no", word: "Damaged", tone: "danger" };
    case "not_fully_checkable":
      return { icon: "ask", word: "Not fully checkable", tone: "warn" };
    case "unknown":
      return { icon: "ask", word: "Nothing to check", tone: "muted" };
  }
}

export function checkMark(result: CheckResult): Mark {
  switch (result) {
    case "passed":
      return { icon: "ok", word: "passed", tone: "ok" };
    case "warning":
      return { icon: "warn", word: "passed, with a warning", tone: "warn" };
    case "failed":
      return { icon: "no", word: "failed", tone: "danger" };
    case "not_made":
      return { icon: "ask", word: "not checked", tone: "muted" };
  }
}

const SEVERITY: CheckResult[] = ["failed", "not_made", "warning", "passed"];

/** What is wrong first, then what could not be checked, each in the order in which it was checked. */
export function checksInOrder(checks: Check[]): Check[] {
  return SEVERITY.flatMap((result) => checks.filter((check) => check.result === result));
}

interface SignatureWords {
  mark: Mark;
  title: string;
  explanation: string;
}

/** A signature without a key to check it with: present is all that can be said. */
export function signatureWords(signature: Signature): SignatureWords {
  switch (signature.kind) {
    case "present":
      return {
        mark: { icon: "ask", word: "not verified", tone: "warn" },
        title: "Signed, not checked",
        explanation: `${signature.key_hash === null ? "Key not named" : `Made with key ${short(signature.key_hash)}`}. Signature not checked: the public key is not known here.`,
      };
    case "absent":
      return {
        mark: { icon: "warn", word: "absent", tone: "warn" },
        title: "Not signed",
        explanation: "The format supports a signature; this file has none.",
      };
    case "not_possible":
      return {
        mark: { icon: "ask", word: "not possible", tone: "muted" },
        title: "No signature of its own",
        explanation: "This format has no place for one. A signature inside the code it carries is not looked for.",
      };
  }
}

export function fitMark(fit: Fit): Mark {
  switch (fit.verdict) {
    case "fits":
      return { icon: "ok", word: "Compatible", tone: "ok" };
    case "does_not_fit":
      return { icon: "no", word: "Not compatible", tone: "danger" };
    case "cannot_tell":
      return { icon: "ask", word: "Unknown", tone: "warn" };
  }
}

/** The same of a destination: what its plan will ask about the versions comes before that it is compatible. */
export function offerMark({ fit, confirms }: Pick<DestinationOffer, "fit" | "confirms">): Mark {
  const [asks] = confirms;
  const word = asks === undefined || fit.verdict !== "fits" ? undefined : ASKED[asks];
  return word === undefined ? fitMark(fit) : { icon: "warn", word, tone: "warn" };
}

const ASKED: Partial<Record<ConfirmationAbout, string>> = { downgrade: "Downgrade", same_version: "Same version" };

/** `5 compatible, 1 downgrade, 1 not compatible, 2 unknown`. */
export function fitCounts(offers: DestinationOffer[]): string {
  const words = offers.map((offer) => offerMark(offer).word.toLowerCase());
  return ["compatible", "downgrade", "same version", "not compatible", "unknown"]
    .map((word) => [words.filter((each) => each === word).length, word] as const)
    .flatMap(([number, word]) => (number > 0 ? [`${number} ${word}`] : []))
    .join(", ");
}

/** So many readers that are refused for one reason are one row. */
const ALIKE = 3;

/** Offers in rows: those that are refused for the same reason are one, where the first of them stands. */
export function rowsOf(offers: readonly DestinationOffer[]): DestinationOffer[][] {
  const reason = ({ fit }: DestinationOffer) => (fit.verdict === "does_not_fit" ? fit.why : null);
  const rows: DestinationOffer[][] = [];
  for (const offer of offers) {
    const why = reason(offer);
    const alike = why === null ? [offer] : offers.filter((each) => reason(each) === why);
    if (alike.length < ALIKE) rows.push([offer]);
    else if (alike[0] === offer) rows.push(alike);
  }
  return rows;
}
