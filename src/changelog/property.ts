// Properties: where `${name}` finds its value. The first definition that passes its filters wins; nothing is ever redefined.
import { contextHolds } from './context.ts'
import { matchesDbms } from './dbms.ts'
import type { ExpandBudget } from './expand.ts'
import { labelsHold } from './label.ts'
import { changelogLimits } from './limit.ts'
import type { DatabaseFacts } from './model.ts'

export interface PropertyDefinition {
  readonly name: string
  readonly value: string
  readonly contextFilter: string
  readonly labels: readonly string[]
  readonly dbms: readonly string[]
}

export interface PropertyOptions {
  readonly database: DatabaseFacts
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  /** `-Dname=value` of a command line, substitute properties. */
  readonly parameters?: Readonly<Record<string, string>> | undefined
  /** `parameter.name` of a settings file. */
  readonly defaults?: Readonly<Record<string, string>> | undefined
  readonly contexts: string
  readonly labelFilter: string
}

/** The change set that a text belongs to; gives `LIQUIBASE_EXECUTION_…` their values. */
export interface Execution {
  readonly deploymentId?: string | undefined
  readonly changelogFile?: string | undefined
  readonly id?: string | undefined
  readonly author?: string | undefined
}

/**
 * The properties that one inclusion of a file sees: those from outside and the global ones, which all files share, then its own
 * local ones, last first, then the local ones of the files that include it.
 */
export class PropertyScope {
  readonly #shared: Shared
  readonly #parent: PropertyScope | undefined
  readonly #local: PropertyDefinition[] = []

  private constructor(shared: Shared, parent: PropertyScope | undefined) {
    this.#shared = shared
    this.#parent = parent
  }

  static root(options: PropertyOptions): PropertyScope {
    return new PropertyScope(shareOutside(options), undefined)
  }

  child(): PropertyScope {
    return new PropertyScope(this.#shared, this)
  }

  define(property: PropertyDefinition, isGlobal: boolean): void {
    if (isGlobal) {
      const key = property.name.toLowerCase()
      const definitions = this.#shared.global.get(key)
      if (definitions) definitions.push(property)
      else this.#shared.global.set(key, [property])
    } else this.#local.unshift(property)
  }

  /** Shared by all files, for as long as anything is expanded. */
  get budget(): ExpandBudget {
    return this.#shared.budget
  }

  /** Undefined when no definition passes. Names are compared without case. */
  lookUp(name: string, execution: Execution): string | undefined {
    const key = name.toLowerCase()
    const { outside, global, passes } = this.#shared
    const given = executionValue(key, execution) ?? outside.get(key)
    return given ?? global.get(key)?.find(passes)?.value ?? this.#lookUpLocal(key)
  }

  #lookUpLocal(key: string): string | undefined {
    const own = this.#local.find((property) => property.name.toLowerCase() === key && this.#shared.passes(property))
    if (own) return own.value
    const parent = this.#parent
    return parent === undefined ? undefined : parent.#lookUpLocal(key)
  }
}

interface Shared {
  readonly outside: ReadonlyMap<string, string>
  readonly global: Map<string, PropertyDefinition[]>
  readonly passes: (property: PropertyDefinition) => boolean
  readonly budget: ExpandBudget
}

function shareOutside(options: PropertyOptions): Shared {
  const { database, environment = {}, parameters = {}, defaults = {}, contexts, labelFilter } = options
  const outside = new Map<string, string>()
  const add = (values: Readonly<Record<string, string | undefined>>, prefix = '') => {
    for (const [name, value] of Object.entries(values)) {
      const key = `${prefix}${name}`.toLowerCase()
      if (value !== undefined && !outside.has(key)) outside.set(key, value)
    }
  }
  add(environment)
  add(parameters)
  add(database.properties, 'database.')
  add(defaults)
  return {
    outside,
    global: new Map(),
    budget: { expansions: changelogLimits.expansions },
    passes: ({ contextFilter, labels, dbms }) =>
      contextHolds(contextFilter, contexts) && labelsHold(labels, labelFilter) && matchesDbms(dbms, database.shortName),
  }
}

function executionValue(key: string, execution: Execution): string | undefined {
  switch (key) {
    case 'liquibase_execution_deployment_id':
      return execution.deploymentId
    case 'liquibase_execution_changelog_file':
      return execution.changelogFile
    case 'liquibase_execution_changeset_id':
      return execution.id
    case 'liquibase_execution_changeset_author':
      return execution.author
    default:
      return undefined
  }
}
