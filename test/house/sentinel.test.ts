import t from 'tap'

type Runtime = { readonly major: number }

/** Shows that the gate runs tests on the pinned Node, in TypeScript, whatever Node the machine came with. */
t.test('tests run on the pinned Node', async t => {
  const runtime: Runtime = { major: Number(process.versions.node.split('.')[0]) }
  t.equal(runtime.major, 26)
})
