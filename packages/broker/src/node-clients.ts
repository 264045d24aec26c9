/** One connection to each historical, kept for as long as the node is in the view. */
import type { RpcClient, ServingNode } from '@isotherm/rpc';

/** The connections, by address: a node that comes back elsewhere gets another one. */
export class NodeClients {
  readonly #connect: (address: string) => RpcClient;
  readonly #byAddress = new Map<string, RpcClient>();

  constructor(connect: (address: string) => RpcClient) {
    this.#connect = connect;
  }

  /** The client of a node; nothing is connected before its first call. */
  of({ address }: ServingNode): RpcClient {
    let client = this.#byAddress.get(address);
    if (client === undefined) this.#byAddress.set(address, (client = this.#connect(address)));
    return client;
  }

  /** Closes the connections to all other nodes; their running calls fail over to replicas. */
  keepOnly(nodes: Iterable<ServingNode>): void {
    const addresses = new Set([...nodes].map(({ address }) => address));
    for (const [address, client] of this.#byAddress) {
      if (addresses.has(address)) continue;
      client.close();
      this.#byAddress.delete(address);
    }
  }
}
