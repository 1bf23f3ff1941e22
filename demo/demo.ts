import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { count, number } from '../commands/terminal/format.js'
import type { Output } from '../commands/terminal/output.js'
import { systemClock } from '../runtime/clock.js'
import { lockFolder } from '../runtime/state/folder-lock.js'
import { TributaryError } from '../schemas/errors.js'
import type { Environment } from '../stack/stack.js'
import { readDeadLetters } from './dead-letters.js'
import { applyDatasets, demoDatasets, digestRows, manifestOf } from './demo-datasets.js'
import { type History, historySections, putHistory } from './demo-history.js'
import { brokenPromises, type DemoReport } from './demo-report.js'
import { makeSample } from './demo-sample.js'
import { type DemoStack, demoStack } from './demo-stack.js'
import { makeSteps, type Steps } from './demo-steps.js'
import { demoText, nextText, verdictText } from './demo-text.js'
import { makeWorld, type World } from './demo-world.js'
import { remember, removeEarlier } from './earlier-demos.js'
import { replay, replayWithKill } from './killed-run.js'
import { sendLive, uploadLive } from './live-event.js'
import { verified } from './verified.js'

export interface DemoOptions {
  /** The package root. */
  readonly root: string
  /** The compiled `main.js`: the roles run as processes of their own. */
  readonly entry: string
  readonly dataDir: string
  readonly once: boolean
  readonly env: Environment
  readonly signal: AbortSignal
  readonly out: Output
}

const partitions = 4
/** Statements per second: slow enough to see that it was killed in the middle. */
const limitRate = 6_000

/** `npm start`: everything once, on a local stack, and every promise checked against what must come out. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const folder = join(options.dataDir, 'demo')
  mkdirSync(folder, { recursive: true })
  const unlock = lockFolder(folder)
  // The first one's variables and downloads would be overwritten, and its end would stop the servers of the second.
  if (unlock === null) throw new TributaryError('DEMO_RUNNING', folder)
  try {
    return await runAlone(options, folder)
  } finally {
    unlock()
  }
}

async function runAlone(options: DemoOptions, folder: string): Promise<number> {
  const { out, once, dataDir } = options
  const began = performance.now()
  for (const old of ['datasets', 'logs']) rmSync(join(folder, old), { recursive: true, force: true })
  out.note('Tributary: a term of learning events becomes research datasets.\n')
  out.note('The local stack: Kafka, a schema registry and an S3 server')
  const stack = await demoStack(options)
  const run = new Date(systemClock.now()).toISOString().slice(5, 19).replace(/[-:]/g, '').replace('T', '-')
  const world = (name: string, uploads: string | null) =>
    makeWorld({
      ...options,
      uploads,
      prefix: `demo.${run}.${name}`,
      bucket: `demo-${run}${name ? `-${name.slice(0, -1)}` : ''}`,
      partitions,
      addresses: stack.addresses,
      logFile: join(folder, 'logs', `${name || 'main.'}log`),
    })
  const uploads = `demo-${run}-uploads`
  const worlds = { straight: world('straight.', null), main: world('', uploads) }
  const all = Object.values(worlds)
  remember(dataDir, run, {
    pid: process.pid,
    prefixes: all.map(({ variables }) => variables.TOPIC_PREFIX!),
    buckets: [uploads, ...all.map(({ variables }) => variables.DATASETS_BUCKET!)],
  })
  try {
    const steps = makeSteps(out, options.signal, join(folder, 'logs'))
    const report = await story(worlds, steps, { folder, run, uploads, dataDir, began })
    out.result(report, columns => `${demoText(report, process.cwd(), columns)}\n${verdictText(report)}`)
    out.note(`\n${nextText(report.sample, !once || stack.found, process.cwd())}`)
    if (!once) await stay(out, stack, worlds.main, options.signal)
    return report.ok ? 0 : 1
  } finally {
    await Promise.all(all.map(each => each.close()))
    await stack.stop()
  }
}

interface Where {
  readonly folder: string
  readonly run: string
  readonly uploads: string
  readonly dataDir: string
  readonly began: number
}

async function story({ straight, main }: Record<'straight' | 'main', World>, steps: Steps, where: Where): Promise<DemoReport> {
  const { services } = main
  const history = await steps.step('The history', 60, [], async () => {
    await removeEarlier(services, where.dataDir, where.run)
    const [put] = await Promise.all([putHistory(services), straight.prepare(), main.prepare()])
    await Promise.all([applyDatasets(straight.services), applyDatasets(services)])
    return [put, `${count(put.objects, 'object')} in s3://${put.bucket}, topics and ${count(demoDatasets.length, 'dataset')} declared`]
  })
  const request = requestOf(history)

  const reference = await steps.step('A straight run, to compare with', 90, [straight], async signal => {
    straight.startRoles()
    const sum = await replay(straight, { ...request, limitRate: null }, steps.progress, signal)
    const digest = await digestRows(straight.services)
    await straight.stopRoles()
    return [{ ...digest, seconds: sum.seconds }, `${number(digest.rows)} rows in ${sum.seconds.toFixed(1)} s`]
  })
  const { sum, kill, digest } = await steps.step('The same, and kill -9 in the middle', 120, [main], async signal => {
    main.startRoles()
    const done = await replayWithKill(main, request, history.expected.lines, steps.progress, signal)
    const rows = await digestRows(services)
    const text = `route killed after ${number(done.kill.recordsRouted)} records, back after ${done.kill.secondsAway.toFixed(1)} s`
    return [{ ...done, digest: rows }, `${text}; ${number(rows.rows)} rows in ${done.sum.seconds.toFixed(1)} s`]
  })
  const live = await steps.step('A learner answers now', 80, [main], async signal => {
    const straightly = await sendLive(services, 'attempts', signal)
    const uploaded = await uploadLive(services, 'attempts', where.uploads, signal)
    const text = `in the manifest after ${straightly.seconds.toFixed(1)} s; another, uploaded to S3, after ${uploaded.seconds.toFixed(1)} s`
    return [{ straightly, uploaded }, text]
  })
  return steps.step('The books', 60, [main], async signal => {
    const verdict = await verified(services, demoDatasets, signal)
    const deadLetters = await readDeadLetters(services)
    const sample = await makeSample(main, where.folder, [live.straightly.input, live.uploaded.input])
    const manifests = await Promise.all(demoDatasets.map(id => manifestOf(services, id)))
    const seen = {
      expected: history.expected,
      backfill: sum,
      ledger: verdict.ledger,
      deadLetter: deadLetters.find(({ code }) => code === 'missing_key') ?? deadLetters[0]!,
      kill,
      straight: reference,
      killed: { ...digest, seconds: sum.seconds },
      live,
      sample,
    }
    const rowsByDataset = Object.fromEntries(manifests.map(({ dataset, counts }) => [dataset, counts.rows]))
    const problems = brokenPromises({ ...seen, verdict, deadLetters, rowsByDataset })
    const report = { ok: problems.length === 0, problems, seconds: (performance.now() - where.began) / 1000, ...seen }
    return [report, problems.length === 0 ? 'they balance' : 'THEY DO NOT BALANCE']
  })
}

function requestOf({ bucket }: History) {
  const everything = { prefix: null, categories: [], since: null, until: null, again: false }
  return { bucket, sections: historySections, limitRate, ...everything }
}

/** Up for looking around, until Ctrl-C or until the roles break. */
async function stay(out: Output, stack: DemoStack, world: World, signal: AbortSignal): Promise<void> {
  out.note(`\nEverything stays up until Ctrl-C${stack.found ? ' (the local stack, which ran before, also after it)' : ''}.`)
  const end = AbortSignal.any([signal, world.broken])
  if (!end.aborted) await new Promise<void>(resolve => end.addEventListener('abort', () => resolve(), { once: true }))
  if (world.broken.aborted) throw world.broken.reason
  out.note('stopping')
}
