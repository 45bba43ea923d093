import t from 'tap'
import { MlDsaSigningKey } from '../../src/crypto/mldsa.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { type CosignerKey, cosignerKeys } from '../../src/log/cosignature.ts'
import { formatVkey, type NoteKey, noteKey } from '../../src/log/note.ts'
import { formatPolicy, makePolicy, meetsQuorum, parsePolicy } from '../../src/log/policy.ts'

const log = noteKey('log.example/a', 'ed25519', SigningKey.generate().verifyKey)
const keys: Record<string, CosignerKey> = {}
for (const name of ['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3']) {
  keys[name] = noteKey(`witness.example/${name}`, 'ed25519Cosignature', SigningKey.generate().verifyKey)
}
const vkey = (key: NoteKey | undefined) => formatVkey(key as NoteKey)
const line = (name: string) => `witness ${name} ${vkey(keys[name])}\n`

// tlog-policy §«Example policy».
const EXAMPLE = `log ${vkey(log)}

${line('X1')}${line('X2')}${line('X3')}group X-witnesses 2 X1 X2 X3

# a comment
 \t # another
witness\tY1  ${vkey(keys.Y1)} https://y.example/1
${line('Y2')}${line('Y3')}group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`

t.test('the example of the specification', async t => {
  const policy = parsePolicy(EXAMPLE)
  t.equal(policy.logs.length, 1)
  t.equal(policy.witnesses.length, 6)
  t.equal(policy.witnesses[3]?.url, 'https://y.example/1')
  t.same(
    policy.groups.map(({ threshold }) => threshold),
    [2, 1, 2],
  )
  const met = (...names: string[]) => meetsQuorum(policy, new Set(names))
  t.ok(met('X1', 'X3', 'Y2'))
  t.ok(met('X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3'))
  t.notOk(met('X1', 'Y1', 'Y2', 'Y3'))
  t.notOk(met('X1', 'X2', 'X3'))
  t.notOk(met())
  t.notOk(met('X-witnesses', 'Y-witnesses', 'X-and-Y'), 'names of groups are no witnesses')
  t.same(parsePolicy(formatPolicy(policy)), policy)
})

t.test('a quorum of one witness, and of none', async t => {
  const one = parsePolicy(`${line('X1')}quorum X1\n`)
  t.ok(meetsQuorum(one, new Set(['X1'])))
  t.notOk(meetsQuorum(one, new Set()))
  t.ok(meetsQuorum(parsePolicy('quorum none\n'), new Set()))
})

t.test('what is no policy is refused, with its line', async t => {
  const x = line('X1')
  const bad: Record<string, [string, RegExp]> = {
    empty: ['', /.*/],
    'no quorum': [x, /no quorum/],
    'two quorums': [`${x}quorum X1\nquorum X1\n`, /line 3/],
    'unknown quorum': ['quorum X1\n', /line 1/],
    'quorum before its witness': [`quorum X1\n${x}`, /line 1/],
    'quorum of two': [`${x}quorum X1 X1\n`, /line 2/],
    'last line open': [`${x}quorum X1`, /line 2/],
    'unknown word': [`${x}witnes X2\nquorum X1\n`, /line 2/],
    'word in capitals': ['QUORUM none\n', /line 1/],
    'no key': ['witness X1\nquorum X1\n', /line 1/],
    'bad key': ['witness X1 a+00000000+AAAA\nquorum X1\n', /line 1/],
    'two urls': [`log ${vkey(log)} a b\nquorum none\n`, /line 1/],
    'log key for a witness': [`witness X1 ${vkey(log)}\nquorum X1\n`, /line 1/],
    'witness key for a log': [`log ${vkey(keys.X1)}\nquorum none\n`, /line 1/],
    'name twice': [`${x}witness X1 ${vkey(keys.X2)}\nquorum X1\n`, /line 2/],
    'key twice': [`${x}witness X2 ${vkey(keys.X1)}\nquorum X1\n`, /line 2/],
    'key twice under another name': [
      `${x}witness X2 ${vkey(noteKey('other', 'ed25519Cosignature', keys.X1?.key as never))}\nquorum X1\n`,
      /line 2/,
    ],
    'name none': [`witness none ${vkey(keys.X1)}\nquorum none\n`, /line 1/],
    'none in a group': [`${x}group g any none\nquorum g\n`, /line 2/],
    'group without members': [`${x}group g any\nquorum g\n`, /line 2/],
    'group of itself': [`${x}group g any g\nquorum g\n`, /line 2/],
    'member twice': [`${x}group g all X1 X1\nquorum g\n`, /line 2/],
    'member of two groups': [`${x}group g any X1\ngroup h any X1\nquorum g\n`, /line 3/],
    'threshold 0': [`${x}group g 0 X1\nquorum g\n`, /line 2/],
    'threshold above members': [`${x}group g 2 X1\nquorum g\n`, /line 2/],
    'threshold 01': [`${x}group g 01 X1\nquorum g\n`, /line 2/],
    'carriage return': ['quorum none\r\n', /control/],
    'no-break space for a space': ['quorum\u00a0none\n', /line 1/],
    'lone surrogate': ['# \ud800\nquorum none\n', /UTF-8/],
    'too many': [`${Array.from({ length: 257 }, (_, i) => `group g${i} any X\n`).join('')}quorum none\n`, /line 1/],
  }
  for (const [why, [text, message]] of Object.entries(bad)) {
    t.throws(() => parsePolicy(text), { code: 'policy-malformed', message }, why)
  }
})

t.test('k of n: every choice of witnesses, each with both its keys, one of them or none', async t => {
  for (let n = 1; n <= 4; n++) {
    const witnesses = Array.from({ length: n }, (_, i) => ({
      name: `w${i}`,
      keys: cosignerKeys({
        name: `witness.example/w${i}`,
        ed25519: SigningKey.generate(),
        mlDsa44: MlDsaSigningKey.generate(),
      }),
    }))
    for (let k = 1; k <= n; k++) {
      const policy = makePolicy({ log: { keys: [log] }, witnesses, threshold: k })
      for (let choice = 0; choice < 3 ** n; choice++) {
        const each = witnesses.map((_, i) => Math.floor(choice / 3 ** i) % 3) // 0: none, 1: one key, 2: both
        const signed = each.flatMap((keys, i) => [`w${i}-0x04`, `w${i}-0x06`].slice(0, keys))
        const whole = each.filter(keys => keys === 2).length
        if (meetsQuorum(policy, new Set(signed)) !== whole >= k) t.fail(`${k} of ${n}: ${signed}`)
      }
    }
    t.pass(`of ${n}`)
  }
})

t.test('names are compared byte by byte', async t => {
  const kelvin = parsePolicy(`witness \u212a ${vkey(keys.X1)}\nwitness K ${vkey(keys.X2)}\nquorum K\n`)
  t.ok(meetsQuorum(kelvin, new Set(['K'])))
  t.notOk(meetsQuorum(kelvin, new Set(['\u212a'])))
})

t.test('a deployment’s policy: each witness with both its keys', async t => {
  const parties = ['w1', 'w2'].map(name => ({
    name,
    url: `http://127.0.0.1/${name}`,
    keys: cosignerKeys({
      name: `witness.example/${name}`,
      ed25519: SigningKey.generate(),
      mlDsa44: MlDsaSigningKey.generate(),
    }),
  }))
  const policy = makePolicy({ log: { keys: [log], url: 'https://log.example' }, witnesses: parties, threshold: 2 })
  t.same(parsePolicy(formatPolicy(policy)), policy)
  t.same(
    policy.witnesses.map(({ name }) => name),
    ['w1-0x04', 'w1-0x06', 'w2-0x04', 'w2-0x06'],
  )
  t.ok(meetsQuorum(policy, new Set(['w1-0x04', 'w1-0x06', 'w2-0x04', 'w2-0x06'])))
  t.notOk(meetsQuorum(policy, new Set(['w1-0x04', 'w1-0x06', 'w2-0x04'])))
  t.ok(meetsQuorum(makePolicy({ log: { keys: [log] }, witnesses: [], threshold: 0 }), new Set()))
  t.throws(() => makePolicy({ log: { keys: [log] }, witnesses: parties, threshold: 3 }), { code: 'policy-malformed' })
})
