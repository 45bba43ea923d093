import { type Bytes, equal } from '../../crypto/bytes.ts'
import { type VerifiedCheckpoint, verifyCheckpoint } from '../checkpoint.ts'
import type { Case } from './case.ts'

/** A signed checkpoint from elsewhere, to be found in this tree. */
export interface SeenCheckpoint {
  /** Where it comes from, for the report. */
  readonly name: string
  readonly signed: string
}

/** By what is judged, and where findings go. */
type Judged = Pick<Case, 'trust' | 'findings'>

/** Compares checkpoints seen elsewhere (a witness's, a client's) while the tree grows. */
export class SeenElsewhere {
  readonly #case: Judged
  readonly #due: { readonly name: string; readonly verified: VerifiedCheckpoint }[]

  /** Throws `LogError` as `verifyCheckpoint` for a note that the log did not sign: it would prove nothing. */
  constructor(audited: Judged, seen: readonly SeenCheckpoint[]) {
    this.#case = audited
    this.#due = seen.map(({ name, signed }) => ({ name, verified: verifyCheckpoint(signed, audited.trust.policy) }))
  }

  /** To be called with each size and its root, 0 included. */
  compare(size: number, root: () => Bytes): void {
    for (const { name, verified } of this.#due) {
      const { checkpoint, note } = verified
      if (checkpoint.size !== size || equal(checkpoint.root, root())) continue
      const message = `The checkpoint ${name} of ${size} entries is of another tree`
      this.#case.findings.add('tree-forked', message, { seq: Math.max(0, size - 1) }, { note, computed: root() })
    }
  }

  finish(size: number): void {
    for (const { name, verified } of this.#due) {
      const { checkpoint, note } = verified
      if (checkpoint.size <= size) continue
      const message = `The checkpoint ${name} is of ${checkpoint.size} entries, and ${size} are here`
      this.#case.findings.add('tail-cut', message, { seq: size }, { note })
    }
  }
}
