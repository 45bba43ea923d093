import { denyRequest, pendingRequests } from '../../client/patient/requests.ts'
import { RequestId } from '../../protocol/ids.ts'
import { type Command, textOption, UsageError } from '../command.ts'
import { HOME_OPTION, signedIn } from './options.ts'

export const command: Command = {
  name: 'patient requests',
  summary: 'show who asks for access',
  help: `
Shows who asks for access to your record. Name and profession are those of the card, checked on this machine; compare
them with the person in front of you, and the six words with those on that person's screen. Say yes with coffre patient grant --request (or --scanned, with the code on that screen), no with --deny.

Examples:
  coffre patient requests --home ~/dmp
  coffre patient requests --home ~/dmp --deny 9xK…w
`,
  options: {
    ...HOME_OPTION,
    deny: { type: 'string', value: 'ID', description: 'say no to this request' },
  },
  async run(args, io) {
    const deny = textOption(args, 'deny')
    return await signedIn(args, io, async session => {
      if (deny !== undefined) {
        const request = RequestId.safeParse(deny)
        if (!request.success) throw new UsageError('--deny takes a request’s id (22 characters)')
        await denyRequest(session, request.data)
        io.print('Denied.')
        return { denied: request.data }
      }
      const requests = (await pendingRequests(session)).map(({ request, key, name, profession, acting, t, words }) => ({
        request,
        nationalId: key.payload.nationalId,
        keyStatement: key.hash,
        name,
        profession,
        acting,
        t,
        words,
      }))
      for (const { request, nationalId, name, profession, acting, t, words } of requests) {
        io.print(`${request}  ${name}${profession === null ? '' : `, ${profession}`} (${nationalId}), ${t}`)
        io.print(`${' '.repeat(24)}${words}`)
        if (acting !== null) io.print(`${' '.repeat(24)}for: ${acting}, on the establishment’s word`)
      }
      if (requests.length === 0) io.print('Nobody is waiting for an answer.')
      return { requests }
    })
  },
}
