import { InputError } from '../../client/errors.ts'
import { type GrantWish, giveGrant } from '../../client/patient/grants.ts'
import { type PendingRequest, pendingRequests, scannedRequest } from '../../client/patient/requests.ts'
import type { PatientSession } from '../../client/patient/session.ts'
import { holderName } from '../../log/key-statement.ts'
import { NationalId } from '../../protocol/ids.ts'
import { RIGHTS_VERSION } from '../../protocol/rights.ts'
import type { Right } from '../../protocol/statements.ts'
import { type Arguments, type Command, listOption, type OptionSpec, textOption, UsageError } from '../command.ts'
import { HOME_OPTION, signedIn } from './options.ts'

const SHORT: Readonly<Record<string, readonly Right[]>> = { R: ['read'], D: ['deposit'], RD: ['read', 'deposit'] }

export const UNTIL_OPTION = {
  until: { type: 'string', value: 'DATE', description: 'last day (YYYY-MM-DD) or instant' },
} as const satisfies Record<string, OptionSpec>

export const command: Command = {
  name: 'patient grant',
  summary: 'give a professional or an establishment access',
  help: `
Gives access: answers a request (--request; or --scanned, with the text of the code on the screen of who asks, which is
held against what the host shows), or names the holder of a card by national id (RPPS with its 8, FINESS with
its 1). The card is checked on this machine before anything is sealed to its key.

Without --until, for a year. Without --right, a professional gets the default rights of the profession (ours, not official). An establishment has
none: say which. Each --right names a compartment and R (read), D (deposit) or RD: reports, laboratory, imaging,
treatments, care, synthesis, vaccination, certificates, masked.

Examples:
  coffre patient grant --home ~/dmp --request 9xK…w
  coffre patient grant --home ~/dmp --scanned coffre-request:1:9xK…w:4Lm…k
  coffre patient grant --home ~/dmp --to 1750712184 --right reports=RD --right laboratory=D --until 2027-06-30
`,
  options: {
    ...HOME_OPTION,
    request: { type: 'string', value: 'ID', description: 'the request that this answers' },
    scanned: { type: 'string', value: 'TEXT', description: 'the code on the screen of who asks, instead of --request' },
    to: { type: 'string', value: 'ID', description: 'national id of the holder, instead of a request' },
    right: { type: 'string', multiple: true, value: 'KIND=RD', description: 'compartment and right; may be repeated' },
    ...UNTIL_OPTION,
  },
  async run(args, io) {
    const rights = rightsOf(args)
    const until = untilOf(args)
    return await signedIn(args, io, async session => {
      const who = await whoOf(args, session)
      const given = await giveGrant(session, {
        ...who,
        ...(rights === undefined ? {} : { rights }),
        ...(until === undefined ? {} : { until }),
      })
      const name = holderName(given.key.holder)
      io.print(`Access for ${name} (${given.key.payload.nationalId}) until ${given.until}:`)
      if (rights === undefined)
        io.print(`By the default table of rights, version ${RIGHTS_VERSION}; --right says otherwise.`)
      for (const each of given.compartments) io.print(`  ${each.kind.padEnd(12)}  ${each.rights.join(', ')}`)
      const { grantId, compartments, state } = given
      const rightsTable = rights === undefined ? RIGHTS_VERSION : null
      return {
        grantId,
        rightsTable,
        name,
        nationalId: given.key.payload.nationalId,
        compartments,
        until: given.until,
        state,
      }
    })
  },
}

async function whoOf(args: Arguments, session: PatientSession): Promise<Pick<GrantWish, 'nationalId' | 'answers'>> {
  const request = textOption(args, 'request')
  const to = textOption(args, 'to')
  const scanned = textOption(args, 'scanned')
  if ([request, to, scanned].filter(each => each !== undefined).length !== 1) {
    throw new UsageError('Give --request, --scanned or --to, one of them')
  }
  if (scanned !== undefined) return answering(await scannedRequest(session, scanned))
  if (request !== undefined) {
    const asked = (await pendingRequests(session)).find(each => each.request === request)
    if (asked === undefined) {
      throw new InputError('No such request waits: coffre patient requests shows them', { code: 'request-unknown' })
    }
    return answering(asked)
  }
  const nationalId = NationalId.safeParse(to)
  if (!nationalId.success) throw new UsageError('--to is not a national id (8 and RPPS, 1 and FINESS …)')
  return { nationalId: nationalId.data }
}

const answering = ({ request, key }: PendingRequest): Pick<GrantWish, 'nationalId' | 'answers'> => ({
  nationalId: key.payload.nationalId,
  answers: { request, keyStatement: key.hash },
})

/** Rights as typed; undefined when none were. Throws `UsageError`. */
export function rightsOf(args: Arguments): ReadonlyMap<string, readonly Right[]> | undefined {
  const rights = new Map<string, readonly Right[]>()
  for (const text of listOption(args, 'right')) {
    const at = text.lastIndexOf('=')
    const list = SHORT[text.slice(at + 1).toUpperCase()]
    if (at < 1 || list === undefined) throw new UsageError(`--right ${text} is not COMPARTMENT=R, =D or =RD`)
    rights.set(text.slice(0, at), list)
  }
  return rights.size === 0 ? undefined : rights
}

/** The end as typed. Throws `UsageError`. */
export function untilOf(args: Arguments): Date | undefined {
  const text = textOption(args, 'until')
  if (text === undefined) return undefined
  const until = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T23:59:59.999Z` : text)
  if (Number.isNaN(until.getTime())) throw new UsageError('--until is not a date (YYYY-MM-DD)')
  return until
}
