import type { Target } from '../target.ts'
import api from './api.ts'
import certificates from './certificates.ts'
import decided from './decided.ts'
import log from './log.ts'
import numbers from './numbers.ts'
import opening from './opening.ts'
import quick from './quick.ts'
import sealed from './sealed.ts'
import statements from './statements.ts'

/** Every parser and opener. */
export const targets: readonly Target[] = [
  ...numbers,
  ...statements,
  ...decided,
  ...sealed,
  ...opening,
  ...log,
  ...quick,
  ...api,
  ...certificates,
]
