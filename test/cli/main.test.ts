import t from 'tap'
import { type Command, listOption, requiredOption, textOption, UsageError } from '../../src/cli/command.ts'
import { main, readArguments } from '../../src/cli/main.ts'
import { COMMANDS, nearestCommand } from '../../src/cli/registry.ts'

async function run(...argv: string[]) {
  const out: string[] = []
  const err: string[] = []
  const code = await main(argv, {
    stdout: { write: text => out.push(text) },
    stderr: { write: text => err.push(text) },
  })
  return { code, out: out.join(''), err: err.join('') }
}

const sample: Command = {
  name: 'pro sample',
  summary: 'sample',
  help: 'Helps.',
  options: {
    name: { type: 'string', required: true, description: 'a name' },
    tag: { type: 'string', multiple: true, description: 'tags' },
    loud: { type: 'boolean', short: 'l', description: 'louder' },
  },
  positionals: [{ name: 'FILE', description: 'a file', required: true }],
  run: async () => ({}),
}

t.test('help lists every command, in its group', async t => {
  for (const argv of [[], ['--help'], ['-h'], ['help']]) {
    const { code, out } = await run(...argv)
    t.equal(code, 0)
    for (const [name, { summary }] of Object.entries(COMMANDS)) {
      t.ok(out.includes(`coffre ${name}`), name)
      t.ok(out.includes(summary), summary)
    }
    t.match(out, /Exit codes:/)
  }
  t.ok(Object.keys(COMMANDS).length > 20)
})

t.test('a group has a page of its own', async t => {
  const page = await run('patient', '--help')
  t.equal(page.code, 0)
  t.match(page.out, /coffre patient open/)
  t.notMatch(page.out, /coffre pro enrol/)
  const bare = await run('patient')
  t.equal(bare.code, 2)
  t.match(bare.out, /coffre patient open/)
})

t.test('the version is the package’s', async t => {
  t.match((await run('--version')).out, /^\d+\.\d+\.\d+\n$/)
  t.match(JSON.parse((await run('--version', '--json')).out), { version: /^\d/ })
})

t.test('an unknown command suggests the nearest', async t => {
  const { code, err } = await run('patinet', 'opne')
  t.equal(code, 2)
  t.match(err, /did you mean "coffre patient open"\?/)
  t.match((await run('pro', 'lst')).err, /coffre pro list/)
  t.match((await run('frobnicate')).err, /coffre --help/)
  t.match((await run('constructor')).err, /no command/)
  t.equal(nearestCommand('patient openn'), 'patient open')
  t.equal(nearestCommand('zzzzzzzzzzz'), null)
})

t.test('errors are JSON under --json', async t => {
  const { code, out, err } = await run('pro', 'nothing', '--json')
  t.equal(code, 2)
  t.equal(out, '')
  t.match(JSON.parse(err), { error: { code: 'command-unknown', message: /no command/ } })
})

t.test('every command has a page of help with an example, and the summary of the list', async t => {
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    const { command } = await load()
    t.equal(command.name, name)
    t.equal(command.summary, summary, `summary of ${name}`)
    const { code, out } = await run(...name.split(' '), '--help')
    t.equal(code, 0)
    t.match(out, `Usage: coffre ${name}`)
    t.match(command.help, `coffre ${name}`, `${name} shows an example`)
  }
})

t.test('ids that begin with a dash are taken as they are', t => {
  for (const id of [
    '-faDWLpPPr8eRoKOwHxp_w',
    '--aDWLpPPr8eRoKOwHxp_w',
    '-aCGWIa62LxZKD0T1W7PcSYSMVbTOtSorRL4mJEGNTQ',
  ]) {
    t.same(readArguments(sample, [id, '--name', id, '-l']), {
      positionals: [id],
      values: { __proto__: null, name: id, loud: true },
    })
    t.same(readArguments(sample, ['--name', 'a', '--', id]).positionals, [id])
  }
  t.end()
})

t.test('options are read strictly', t => {
  const read = (...words: string[]) => readArguments(sample, words)
  const args = read('x.pdf', '--name', 'a', '--tag', '1', '--tag', '2', '-l', '--json')
  t.same(args.positionals, ['x.pdf'])
  t.equal(requiredOption(args, 'name'), 'a')
  t.same(listOption(args, 'tag'), ['1', '2'])
  t.equal(textOption(args, 'missing'), undefined)
  t.equal(args.values.loud, true)
  for (const [words, message] of [
    [['x'], /--name is missing/],
    [['--name', 'a'], /FILE is missing/],
    [['x', 'y', '--name', 'a'], /takes FILE besides its options/],
    [['x', '--name', 'a', '--nmae', 'b'], /nmae.*coffre pro sample --help/],
    [['x', '--name'], /name/],
    [['x', '--name', 'a', '--loud=yes'], /loud/],
  ] as const) {
    const error = t.throws(() => read(...words), { message }, words.join(' '))
    t.ok(UsageError.is(error as unknown))
  }
  t.end()
})
