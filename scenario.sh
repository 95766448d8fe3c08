haproxy -f haproxy.cfg -db >haproxy.log 2>&1 &
prometheus-haproxy-exporter --haproxy.scrape-uri='http://127.0.0.1:7202/stats;csv' --web.listen-address=127.0.0.1:7203 \
  >exporter.log 2>&1 &
trap 'kill %1 %2' EXIT
node backend.mjs
until (exec 3<>/dev/tcp/127.0.0.1/7203) 2>/dev/null; do sleep 0.1; done
node -e 'fetch("http://127.0.0.1:7203/metrics").then((answer) => answer.text()).then(console.log)' | grep '^haproxy_server_up'
perl root/usr/lib/nagios/plugins/check_haproxy_stats -s stats.sock -p web | sed 's/|.*//' || true
