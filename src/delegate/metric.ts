// What a delegate counts of itself, in the text form of Prometheus. One place holds the numbers; nothing else is kept.

export interface StepEnd {
  readonly type: string
  readonly seconds: number
  /** How the step ended, as far as the delegate knows. */
  readonly how: 'completed' | 'failed' | 'timed-out'
}

export interface Metrics {
  ended(end: StepEnd): void
  /** An offer was not taken: too busy, or something is missing. */
  rejected(): void
  connected(value: boolean): void
  pressed(value: boolean): void
  /** Milliseconds that an offered attempt had waited in the queue. */
  queued(milliseconds: number): void
  /** From the accept to the first report of the step's process or pod. */
  started(milliseconds: number): void
  leases(renewed: number, failed: number): void
  polled(ok: boolean): void
  /** `executing`: steps at work now. */
  render(executing: number): string
}

const escape = (text: string): string => text.replace(/[\\"\n]/g, (one) => (one === '\n' ? '\\n' : `\\${one}`))

type Labels = Readonly<Record<string, string>>
interface Family {
  readonly help: string
  readonly type: 'gauge' | 'counter'
  readonly values: Map<string, number>
}

/** Names of `families` with prefix; each value with its labels. */
function renderFamilies(prefix: string, families: Readonly<Record<string, Family>>): string {
  const lines: string[] = []
  for (const [name, { help, type, values }] of Object.entries(families)) {
    if (values.size === 0) continue
    lines.push(`# HELP ${prefix}${name} ${help}`, `# TYPE ${prefix}${name} ${type}`)
    for (const [labels, value] of values) lines.push(`${prefix}${name}{${labels}} ${value}`)
  }
  return `${lines.join('\n')}\n`
}

/** `prefix` of all names, such as `sluice_`. */
export function createMetrics(delegateName: string, prefix: string): Metrics {
  const family = (type: Family['type'], help: string): Family => ({ type, help, values: new Map() })
  const families = {
    task_execution_time: family('gauge', 'Seconds that the last step of this type took'),
    tasks_currently_executing: family('gauge', 'Steps at work'),
    task_timeout_total: family('counter', 'Steps that ended because their time was over'),
    task_completed_total: family('counter', 'Steps that ended with success or were cancelled'),
    task_failed_total: family('counter', 'Steps that failed, or whose outcome is unknown'),
    task_rejected_total: family('counter', 'Offers that were not taken'),
    delegate_connected: family('gauge', '1 while the manager answers'),
    resource_consumption_above_threshold: family('gauge', '1 while processor or memory are above their threshold'),
    queue_age_seconds: family('gauge', 'Seconds that the last offered step had waited in the queue'),
    lease_renewals_total: family('counter', 'Leases of steps that were renewed, by result'),
    step_start_latency_seconds: family(
      'gauge',
      'Seconds from accepting the last step to its process or pod being at work',
    ),
    polls_total: family('counter', 'Polls, by result'),
  }
  const labels = (more: Labels = {}): string =>
    Object.entries({ delegate_name: delegateName, ...more })
      .map(([name, value]) => `${name}="${escape(value)}"`)
      .join(',')
  const add = ({ values }: Family, more?: Labels, many = 1): void =>
    void values.set(labels(more), (values.get(labels(more)) ?? 0) + many)
  const set = ({ values }: Family, value: number, more?: Labels): void => void values.set(labels(more), value)
  set(families.resource_consumption_above_threshold, 0)
  families.task_rejected_total.values.set(labels(), 0)
  return {
    ended({ type, seconds, how }) {
      const more = { task_type: type }
      set(families.task_execution_time, seconds, more)
      if (how === 'completed') add(families.task_completed_total, more)
      else if (how === 'failed') add(families.task_failed_total, more)
      else add(families.task_timeout_total, more)
    },
    rejected: () => add(families.task_rejected_total),
    connected: (value) => set(families.delegate_connected, value ? 1 : 0),
    pressed: (value) => set(families.resource_consumption_above_threshold, value ? 1 : 0),
    queued: (milliseconds) => set(families.queue_age_seconds, milliseconds / 1000),
    started: (milliseconds) => set(families.step_start_latency_seconds, milliseconds / 1000),
    leases(renewed, failed) {
      add(families.lease_renewals_total, { result: 'ok' }, renewed)
      add(families.lease_renewals_total, { result: 'failed' }, failed)
    },
    polled: (ok) => add(families.polls_total, { result: ok ? 'ok' : 'failed' }),
    render(executing) {
      set(families.tasks_currently_executing, executing)
      return renderFamilies(prefix, families)
    },
  }
}
