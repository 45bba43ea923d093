/** What the page and its worker say to each other. Keys stay in the worker: no message to the page holds one. */

/** A QR code to be drawn: runs of dark modules, row by row. */
export interface QrPicture {
  readonly size: number
  readonly dark: readonly { readonly row: number; readonly column: number; readonly length: number }[]
}

/** A recovery kit to be shown and printed. It is a secret; the page shows it once and forgets it. */
export interface KitToPrint {
  readonly secretText: string
  readonly qr: QrPicture
  readonly ins: string
  readonly fingerprint: string
  readonly sheets: readonly KitSheet[]
}

/** The kit's words in one language (src/paper/kit-words.ts). */
export interface KitSheet {
  readonly lang: string
  readonly title: string
  readonly lead: string
  readonly secretLabel: string
  readonly insLabel: string
  readonly fingerprintLabel: string
  readonly madeOn: string
  readonly qrAlt: string
  readonly sections: readonly { readonly title: string; readonly texts: readonly string[] }[]
}

/** What an act may ask the person meanwhile, and the answer's type. */
export interface Questions {
  readonly password: {
    readonly detail: { sentTo: string; delivery: 'sent' | 'queued'; isAgain: boolean }
    readonly answer: string
  }
  readonly kit: { readonly detail: KitToPrint; readonly answer: null }
  readonly 'kit-check': { readonly detail: { groups: readonly number[]; isAgain: boolean }; readonly answer: string[] }
}
export type QuestionName = keyof Questions

/** How an act speaks with the person meanwhile. */
export interface Talk {
  ask<Q extends QuestionName>(question: Q, detail: Questions[Q]['detail']): Promise<Questions[Q]['answer']>
  progress(done: number, total: number): void
}

/** What went wrong, as it crosses: a code, and what a person is told by. Never a secret (nor are errors of the SDK). */
export interface Failure {
  readonly code: string
  /** The class of error: what to do about it in general. */
  readonly kind: 'refused' | 'unreachable' | 'verification' | 'input' | 'step' | 'given-up' | 'defect'
  readonly message: string
}

export type ToWorker =
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly input: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  /** The person went back: the question's act ends with the failure `given-up`. */
  | { readonly kind: 'give-up'; readonly id: number }

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: Failure }
  | { readonly kind: 'ask'; readonly id: number; readonly name: QuestionName; readonly detail: unknown }
  | { readonly kind: 'progress'; readonly id: number; readonly done: number; readonly total: number }
