// How clients of the platform services name the log of a run or of one node in it: account, pipeline, number and id, then the path.

export interface LogPlace {
  readonly execution: string
  /** Absent: all nodes of the run. */
  readonly node: string | undefined
}

/** `<account>/pipeline/<pipeline>/<number>/-<execution>/<node>`; ids of nodes have dots where a path has slashes. */
export function logPrefix(
  account: string,
  run: { readonly id: string; readonly pipeline: string; readonly number: number },
  node: string,
): string {
  return `${account}/pipeline/${run.pipeline}/${run.number}/-${run.id}/${node.replaceAll('.', '/')}`
}

/** Undefined for a text that is no such name. Only the execution counts: the rest says the same once more. */
export function readLogPrefix(prefix: string): LogPlace | undefined {
  const found = /^[^/]*\/pipeline\/[^/]+\/\d+\/-([^/]{1,64})(?:\/(.+))?$/.exec(prefix.replace(/\/+$/, ''))
  const [, execution, node] = found ?? []
  return execution === undefined ? undefined : { execution, node: node?.replaceAll('/', '.') }
}
