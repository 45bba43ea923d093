import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Arguments, Command, Io } from '../../../src/cli/command.ts'
import { readArguments } from '../../../src/cli/main.ts'
import { documentOf, homeOf, insOf, passwordBy, secretOf, signedIn } from '../../../src/cli/patient/options.ts'
import { COMMANDS } from '../../../src/cli/registry.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const args = (values: Record<string, string> = {}, positionals: string[] = []): Arguments => ({ values, positionals })
function io(answers: string[] = []): Io & { asked: string[]; lines: string[] } {
  const [asked, lines]: [string[], string[]] = [[], []]
  return {
    asked,
    lines,
    json: false,
    clock: () => new Date(),
    print: line => void lines.push(line),
    progress: () => undefined,
    ask: async (question, options) => {
      asked.push(`${question}${options?.hidden ? ' (hidden)' : ''}`)
      return answers.shift() ?? ''
    },
  }
}

t.test('secrets come from a prompt or a file', async t => {
  const file = join(testFolder(t), 'code')
  writeFileSync(file, ' ABCDE \n')
  const name = { name: 'code', question: 'Opening code:' }
  t.equal(await secretOf(args({ 'code-file': file }), io(), name), 'ABCDE')
  const asking = io(['typed'])
  t.equal(await secretOf(args(), asking, name), 'typed')
  t.same(asking.asked, ['Opening code: (hidden)'])
  await t.rejects(secretOf(args({ 'code-file': `${file}.not` }), io(), name), { code: 'file-missing' })
  const { ask: _, ...mute } = io()
  await t.rejects(secretOf(args(), mute, name), { code: 'answer-missing' })

  const sent = { sentTo: 'c•••@example.org', delivery: 'sent', isAgain: false } as const
  const typing = io(['1234 5678', '2345 6789'])
  const typed = passwordBy(args(), typing)
  t.equal(await typed.oneTimePassword(sent), '1234 5678')
  t.equal(await typed.oneTimePassword({ ...sent, isAgain: true }), '2345 6789')
  t.match(typing.lines, [/c•••@example.org/, /not the one/])
  t.equal(typed.canAskAgain, true, 'a person looks again')
  t.equal(passwordBy(args({ 'otp-file': file }), typing).canAskAgain, false, 'a file says the same again')
  await t.rejects(passwordBy(args(), mute).oneTimePassword(sent), { code: 'answer-missing' })
})

t.test('no command takes a secret as an option’s value', async t => {
  const secret = /^(code|kit-secret|recovery-key|secret-code|otp|password|pin)$/
  for (const [name, entry] of Object.entries(COMMANDS)) {
    if (!name.startsWith('patient ')) continue
    const { command } = (await entry.load()) as { command: Command }
    t.equal(command.name, name)
    t.equal(command.summary, entry.summary)
    t.same(
      Object.keys(command.options).filter(option => secret.test(option)),
      [],
      name,
    )
  }
})

t.test('what is typed wrong is said before anything is sent', async t => {
  const home = process.env.COFFRE_HOME
  delete process.env.COFFRE_HOME
  t.teardown(() => {
    if (home !== undefined) process.env.COFFRE_HOME = home
  })
  t.throws(() => homeOf(args()), { code: 'usage' })
  t.throws(() => documentOf(args({}, ['nothing'])), { code: 'usage' })
  t.throws(() => insOf(args({ ins: '1234567890123456789043' })), { code: 'ins-check-key' })
  t.equal(insOf(args()), undefined)
  const empty = args({ home: testFolder(t) })
  await t.rejects(
    signedIn(empty, io(), async () => 1),
    { code: 'home-missing' },
  )

  const grant = (await COMMANDS['patient grant']?.load())?.command as Command
  const typed = (...words: string[]) => grant.run(readArguments(grant, ['--home', t.testdirName, ...words]), io())
  await t.rejects(typed('--to', '810000000017', '--right', 'reports'), { code: 'usage' })
  await t.rejects(typed('--to', '810000000017', '--right', 'reports=RW'), { code: 'usage' })
  await t.rejects(typed('--to', '810000000017', '--until', 'soon'), { code: 'usage' })
})
