/** What gobetween answers for a server that was given a bind and one backend alone: its defaults, byte for byte. */
export function minimalServer(bind: string): string {
  return `{
    "max_connections": 0,
    "client_idle_timeout": "0",
    "backend_idle_timeout": "0",
    "backend_connection_timeout": "0",
    "bind": "${bind}",
    "protocol": "tcp",
    "balance": "weight",
    "sni": null,
    "tls": null,
    "backends_tls": null,
    "udp": null,
    "access": null,
    "proxy_protocol": null,
    "discovery": {
        "kind": "static",
        "failpolicy": "keeplast",
        "interval": "0",
        "timeout": "0",
        "static_list": [
            "localhost:8000"
        ]
    },
    "healthcheck": {
        "kind": "none",
        "interval": "0",
        "passes": 1,
        "fails": 1,
        "timeout": "0",
        "initial_status": null
    }
}`;
}
