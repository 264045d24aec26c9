/** What a caller may see. Every handler gets one, so that no route can forget to ask. */

/** The datasources that a caller may know of; null = all. */
export interface AccessScope {
  readonly dataSources: readonly string[] | null;
}

/** Scope of everybody who reaches a service that does not authenticate: all. */
export const unauthenticatedScope: AccessScope = { dataSources: null };

/** True when the caller may know of the datasource. */
export function mayKnow({ dataSources }: AccessScope, name: string): boolean {
  return dataSources === null || dataSources.includes(name);
}
