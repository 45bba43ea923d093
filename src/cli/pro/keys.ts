import { readKeyHistory } from '../../client/key-history.ts'
import { holderName } from '../../log/key-statement.ts'
import { NationalId } from '../../protocol/ids.ts'
import { type Command, textOption, UsageError } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { connected, WORKSTATION_OPTIONS } from './options.ts'

interface Result {
  readonly nationalId: NationalId
  readonly keys: readonly {
    readonly keyStatement: string
    readonly seq: number
    readonly notBefore: string
    readonly notAfter: string
    readonly isLogged: boolean
    /** Null for another holder's. */
    readonly isOurs: boolean | null
    /** Since when its holder has taken it back; null when not. */
    readonly withdrawn: string | null
  }[]
}

export const command: Command = {
  name: 'pro keys',
  summary: 'show every key ever published in your name, or another’s',
  help: `
Shows every working key that was ever published in your name (or, with --id, in another holder's), each checked: signed by
a card of that holder, following the one before, its publication in the log. Of your own, those that this workstation did
not make are marked, and the exit code is then 4: either you have another workstation, or somebody used your card.

Examples:
  coffre pro keys --home ws/leroy
  coffre pro keys --home ws/leroy --id 810000000017
`,
  options: {
    ...WORKSTATION_OPTIONS,
    id: { type: 'string', value: 'ID', description: 'national id of another holder (RPPS or FINESS)' },
  },
  exitCode: result => ((result as Result).keys.some(({ isOurs }) => isOurs === false) ? EXIT.verification : EXIT.ok),
  async run(args, io) {
    const other = textOption(args, 'id')
    const named = other === undefined ? null : NationalId.safeParse(other)
    if (named?.success === false) throw new UsageError('--id is a national id: digits, as the directory shows it')
    return await connected(args, io, async ({ workstation, publicHost, log }): Promise<Result> => {
      const { trust, clock, file } = workstation
      const nationalId = named === null ? file.nationalId : named.data
      const history = await readKeyHistory({ host: publicHost, trust, clock, log }, nationalId)
      const isOwn = nationalId === file.nationalId
      const keys: Result['keys'][number][] = []
      for (const { key, isLogged, withdrawn } of history) {
        const { seq, notBefore, notAfter } = key.payload
        const isOurs = isOwn ? (await workstation.sealKeyOf(key.hash)) !== null : null
        const taken = withdrawn?.toISOString() ?? null
        keys.push({ keyStatement: key.hash, seq, notBefore, notAfter, isLogged, isOurs, withdrawn: taken })
        const where = isLogged ? 'in the log' : 'not in the log yet'
        io.print(`${seq}  ${notBefore} to ${notAfter}  ${key.hash}  ${holderName(key.holder)}, ${where}`)
        if (taken !== null) io.print(`      withdrawn on ${taken}`)
        if (isOurs === false)
          io.print('      !! not made by this workstation: another one of yours, or your card was used')
      }
      return { nationalId, keys }
    })
  },
}
