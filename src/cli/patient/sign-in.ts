import { signIn } from '../../client/patient/sign-in.ts'
import type { Command } from '../command.ts'
import { HOME_OPTION, homeOf, OTP_OPTION, passwordBy, SECRET_CODE_OPTION, secretOf } from './options.ts'

export const command: Command = {
  name: 'patient sign-in',
  summary: 'sign in with the secret code and a one-time password',
  help: `
Signs in with your secret code and a one-time password. Then this machine checks what happened in your record since the
last time (see coffre patient trace), and does what was left undone: grants whose term has passed are taken back, and
compartments that somebody may read no more get a new key.

The session ends after five minutes without a command, or with coffre patient sign-out. Until then its keys lie in the
folder, readable by you alone: sign out on a machine that you share.

Examples:
  coffre patient sign-in --home ~/dmp
  coffre patient sign-in --home ~/dmp --secret-code-file code.txt --otp-file otp.txt
`,
  options: {
    ...HOME_OPTION,
    ...SECRET_CODE_OPTION,
    ...OTP_OPTION,
  },
  async run(args, io) {
    const { session, idleSeconds, followed, settled, warnings } = await signIn({
      home: homeOf(args),
      clock: io.clock,
      secretCode: await secretOf(args, io, { name: 'secret-code', question: 'Secret code:' }),
      ...passwordBy(args, io),
    })
    await session.close()
    const { size } = followed.log.tree
    io.print(`You are signed in; the session ends after ${Math.round(idleSeconds / 60)} minutes without a command.`)
    io.print(
      `${followed.entries.length} new entries in your trace, all in the log of ${size} entries that ${followed.log.witnesses.length} witnesses cosigned.`,
    )
    if (settled.revoked.length > 0) io.print(`${settled.revoked.length} grants whose time was over were taken back.`)
    if (settled.rolled.length > 0) io.print(`New keys for: ${settled.rolled.join(', ')}.`)
    for (const warning of warnings) io.print(`Warning: ${warning}`)
    return {
      recordId: session.patient.recordId,
      idleSeconds,
      newEntries: followed.entries.length,
      treeSize: size,
      witnesses: followed.log.witnesses,
      ...settled,
      warnings,
    }
  },
}
