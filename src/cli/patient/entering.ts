/** What both ways for a machine to open a record ask: in which folder, whose record, and the patient's own secrets. */
import type { Ins } from '../../protocol/ids.ts'
import { type Arguments, type Io, type OptionSpec, textOption } from '../command.ts'
import {
  ANCHORS_OPTION,
  anchorsOf,
  HOME_OPTION,
  homeOf,
  insOf,
  OTP_OPTION,
  passwordBy,
  SECRET_CODE_OPTION,
  secretOf,
} from './options.ts'

export const ENTERING_OPTIONS = {
  ...HOME_OPTION,
  ...ANCHORS_OPTION,
  ins: { type: 'string', value: 'INS', description: 'needed where this folder does not know the record yet' },
  name: { type: 'string', value: 'NAME', description: 'what to call this machine; only your own devices see it' },
  'kit-file': { type: 'string', value: 'FILE', description: 'file with the recovery key; asked for otherwise' },
  ...SECRET_CODE_OPTION,
  ...OTP_OPTION,
} as const satisfies Record<string, OptionSpec>

/**
 * The folder, its anchors pinned and the INS read before any secret is asked for; then each secret when its turn comes.
 * Throws as `homeOf`, `insOf`, `PatientHome.trust`, `secretOf`.
 */
export async function entering(args: Arguments, io: Io) {
  const ins: Ins | undefined = insOf(args)
  const home = homeOf(args)
  const anchors = anchorsOf(args)
  const name = textOption(args, 'name')
  await home.trust(anchors.anchors)
  return {
    place: { home, clock: io.clock, ...anchors, ...(ins === undefined ? {} : { ins }) },
    named: name === undefined ? {} : { name },
    kit: () => secretOf(args, io, { name: 'kit', question: 'Recovery key (on the kit):' }),
    secretCode: (question: string) => secretOf(args, io, { name: 'secret-code', question }),
    password: passwordBy(args, io),
  }
}
