import { withdrawKey } from '../../client/professional/withdraw-key.ts'
import { Hash } from '../../protocol/ids.ts'
import { type Command, textOption, UsageError } from '../command.ts'
import { connected, WORKSTATION_OPTIONS } from './options.ts'

export const command: Command = {
  name: 'pro withdraw',
  summary: 'take a working key back, for good',
  help: `
Takes back the working key of this workstation, or with --key another one of yours (coffre pro keys lists them): the
workstation was stolen, sold, or is not to be trusted. The card alone decides it; the key has no say. From then on the host
does nothing that is signed with that key, and access that patients gave to it gives nothing any more: their programs take
it back, with new keys for what it could read, and you ask again. What you signed before stays valid.

A lost workstation: enrol another one first (coffre pro enrol), then withdraw the key of the lost one from there.
After the own key: coffre pro renew makes the next.

Examples:
  coffre pro withdraw --home ws/leroy
  coffre pro withdraw --home ws/new --key 5Sv3GxJpBf9kd1xU5Q0b4y0M2m1mBCrQH9Fq3e8V0aY
`,
  options: {
    ...WORKSTATION_OPTIONS,
    key: { type: 'string', value: 'HASH', description: 'key statement to withdraw; this workstation’s unless given' },
  },
  async run(args, io) {
    const named = textOption(args, 'key')
    const key = named === undefined ? null : Hash.safeParse(named)
    if (key?.success === false) throw new UsageError('--key is a key statement’s hash; coffre pro keys shows yours')
    return await connected(args, io, async connection => {
      const keyStatement = key === null ? connection.keys.keyStatement : key.data
      const { isNew } = await withdrawKey(connection, keyStatement)
      io.print(isNew ? `The key ${keyStatement} is withdrawn.` : `The key ${keyStatement} was withdrawn already.`)
      if (keyStatement === connection.keys.keyStatement) io.print('coffre pro renew makes the next one.')
      return { keyStatement, isNew }
    })
  },
}
