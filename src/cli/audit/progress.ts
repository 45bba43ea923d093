import type { OnProgress } from '../../log/audit/audit.ts'
import type { Io } from '../command.ts'

const LABELS = { entries: 'Reading entries', documents: 'Hashing documents again' } as const

/** Shows how far an audit is: how fast, and how much longer. */
export function auditProgress(io: Pick<Io, 'progress'>): OnProgress {
  let [since, from, phase] = [performance.now(), 0, 'entries']
  return (now, done, total) => {
    // Where an interrupted audit goes on, the first report is of where that is.
    if (now !== phase) [since, from, phase] = [performance.now(), done, now]
    const seconds = (performance.now() - since) / 1000
    const rate = (done - from) / seconds
    const pace = seconds > 1 && rate > 0 ? ` (${Math.round(rate)}/s, ${spoken((total - done) / rate)} left)` : ''
    io.progress(`${LABELS[now]}${pace}`, done, total)
  }
}

function spoken(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}
