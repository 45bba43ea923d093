/** The worker's acts, as the page calls them. */
import type { Acts } from './worker/acts.ts'

export type ActName = keyof Acts
export type InputOf<N extends ActName> = Parameters<Acts[N]>[0]
export type ResultOf<N extends ActName> = Awaited<ReturnType<Acts[N]>>
