/** Every route and every kind of caller: what each is answered is a row of sweep.md, and no route is without one. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { newNonce } from '../../src/crypto/httpsig.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { type RawAnswer, type RawRequest, send } from '../fixtures/host.ts'
import { type CallerPart, type Listener, prepareSweep } from '../fixtures/sweep.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const sweep = await prepareSweep(testFolder(t))
t.teardown(() => sweep.stop())
const { host, description, callers, sample } = sweep

/** Whom a route is for: the columns `altered` and `replayed` are theirs. */
const RIGHTFUL: Readonly<Record<Listener, Readonly<Record<string, string>>>> = {
  patients: { patient: 'patient', insurer: 'insurer', code: 'code holder' },
  professionals: { professional: 'with grant' },
}

const said = ({ status, json }: RawAnswer) => (status < 300 ? 'ok' : (json?.code ?? String(status)))
const answer = async (request: RawRequest) => {
  try {
    return said(await send(host, request))
  } catch {
    return 'no handshake'
  }
}

/** What every caller of a listener is answered on a route, in the order of the columns. */
async function row(listener: Listener, operation: string, signedBy: readonly string[]): Promise<string[] | null> {
  if (sample(operation) === null) return null
  const good = () => ({ path: '', ...sample(operation), listener })
  const answers: string[] = []
  const parts: Readonly<Record<string, CallerPart>> = callers[listener]
  for (const caller of Object.values(parts)) answers.push(await answer({ ...good(), ...caller }))
  const rightful =
    parts[signedBy.map(kind => RIGHTFUL[listener][kind]).find(name => name !== undefined) ?? 'none'] ?? {}
  const request = { ...good(), ...rightful }
  const { signer } = rightful
  const altered = signer === undefined ? {} : { signer: { ...signer, key: SigningKey.generate() } }
  answers.push(await answer({ ...request, ...altered }))
  const nonce = newNonce()
  await answer({ ...request, nonce })
  answers.push(await answer({ ...request, nonce }))
  return answers
}

const page = readFileSync(join(import.meta.dirname, 'sweep.md'), 'utf8')
const cellsOf = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map(cell => cell.trim())

async function sweepListener(t: Test, listener: Listener): Promise<void> {
  const [, section = ''] = page.split(`## The ${listener}’ listener\n`)
  const lines = (section.split('\n## ')[0] ?? '').split('\n').filter(line => line.startsWith('| '))
  const [head = '', , ...rows] = lines
  const columns = [...Object.keys(callers[listener]), 'altered', 'replayed']
  t.strictSame(cellsOf(head), ['route', ...columns])
  const expected = new Map(rows.map(line => cellsOf(line)).map(([route = '', ...cells]) => [route, cells]))
  // What ends a session comes last.
  const operations = Object.entries(description.paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
    )
    .filter(({ operation }) => operation.servers.some(server => server.description === listener))
    .sort((a, b) => Number(a.name.includes('/sessions/end')) - Number(b.name.includes('/sessions/end')))
  t.strictSame([...expected.keys()].sort(), operations.map(({ name }) => name).sort(), 'a row a route')
  for (const { name, operation } of operations) {
    const signedBy = operation.security.flatMap(({ signature }) => (Array.isArray(signature) ? signature : []))
    const got = await row(listener, name, signedBy.map(String))
    if (got === null) t.fail(`test/fixtures/sweep.ts has no request for ${name}`)
    else if (got.join() === expected.get(name)?.join()) t.pass(name)
    else t.fail(`sweep.md differs; answered was\n| ${[name, ...got].join(' | ')} |`)
  }
}

t.test('the patients’ listener', t => sweepListener(t, 'patients'))
t.test('the professionals’ listener', t => sweepListener(t, 'professionals'))
