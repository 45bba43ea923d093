/** Events that were erased: each by an order of the anchors' authority, entered in the log, and after its term alone. */
import { CoffreError } from '../../crypto/errors.ts'
import type { Anchors } from '../../protocol/anchors.ts'
import type { Erasure } from '../../protocol/statements.ts'
import { isTermOver, verifyErasure } from '../erasure.ts'
import type { Verified } from '../verified.ts'
import type { Case } from './case.ts'
import type { Place } from './finding.ts'

/** A `log.erase`, as its entry has it. */
export interface EnteredErasure {
  readonly order: string
  readonly seq: number
  /** POSIX milliseconds. */
  readonly t: number
}

interface Order {
  readonly order: Verified<Erasure>
  /** When witnesses had first seen the last of its leaves, milliseconds. */
  witnessedAt: number | null
  entered: EnteredErasure | null
  /** The first entry whose event is gone by it. */
  first: number | null
}

export class Erasures {
  readonly #case: Case
  readonly #anchors: Pick<Anchors, 'erasure' | 'deployment'>
  readonly #orders: Order[] = []

  constructor(audited: Case, anchors: Pick<Anchors, 'erasure' | 'deployment'>) {
    this.#case = audited
    this.#anchors = anchors
  }

  /** Reads the orders that the store has; one that is not the authority's orders nothing. */
  async start(): Promise<void> {
    for await (const { statement } of this.#case.source.statements('erasure')) {
      try {
        const order = await verifyErasure(statement, this.#anchors)
        this.#orders.push({ order, witnessedAt: null, entered: null, first: null })
      } catch (error) {
        if (!CoffreError.is(error)) throw error
      }
    }
  }

  /** An entry whose event is gone. */
  erased(seq: number): void {
    const covering = this.#orders.find(({ order: { payload } }) => seq >= payload.from && seq < payload.to)
    if (covering !== undefined) covering.first ??= seq
    else this.#found('No order of the authority covers what was erased here', { seq })
  }

  /** Witnesses had seen so many entries by then, milliseconds; sizes grow. */
  witnessed(size: number, at: number): void {
    for (const each of this.#orders) {
      if (each.witnessedAt === null && size >= each.order.payload.to) each.witnessedAt = at
    }
  }

  entered(erasure: EnteredErasure): void {
    const known = this.#orders.find(({ order }) => order.hash === erasure.order)
    if (known !== undefined) known.entered ??= erasure
  }

  /** After the last entry. */
  finish(): void {
    for (const { order, witnessedAt, entered, first } of this.#orders) {
      if (first === null) continue
      const evidence = { order: order.text, entered }
      const place = { seq: first }
      if (entered === null || entered.seq < order.payload.to) {
        this.#found('The log does not say, after it, that this was erased', place, evidence)
      } else if (witnessedAt === null || !isTermOver(this.#anchors, { witnessedAt, erasedAt: entered.t })) {
        const seen = witnessedAt === null ? 'never' : new Date(witnessedAt).toISOString()
        const message = `Erased at ${new Date(entered.t).toISOString()}, and witnesses had seen it ${seen}: too young`
        this.#found(message, place, evidence)
      }
    }
  }

  #found(message: string, place: Place, evidence: object = {}): void {
    this.#case.findings.add('erased-unlawfully', message, place, evidence)
  }
}
