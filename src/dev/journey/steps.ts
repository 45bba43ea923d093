import type { Step } from './stage.ts'
import { identities } from './step-1-identities.ts'
import { letter } from './step-2-letter.ts'
import { opening } from './step-3-opening.ts'
import { access } from './step-4-access.ts'
import { deposits } from './step-5-deposits.ts'
import { reading } from './step-6-reading.ts'
import { control } from './step-7-control.ts'
import { trace } from './step-8-trace.ts'
import { audited } from './step-9-audit.ts'

/** The journey, in its order. */
export const STEPS: readonly Step[] = [identities, letter, opening, access, deposits, reading, control, trace, audited]
