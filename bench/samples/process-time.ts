/** How much of the processor another process has used. */
import { readdirSync, readFileSync } from 'node:fs'

/** Milliseconds of all its threads that run, since they began, by the scheduler's own account (Linux). */
export function processTime(pid: number): number {
  const tasks = `/proc/${pid}/task`
  const nanoseconds = readdirSync(tasks).map(task =>
    Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]),
  )
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6
}
