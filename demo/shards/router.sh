#!/bin/sh
# Routes orders to two shards by their number: `sh demo/shards/router.sh PORT EVEN ODD` (three ports of 127.0.0.1). In the
# foreground, as whoever starts it; all that nginx writes lies in one folder.
set -eu
port=$1 even=$2 odd=$3
folder="${TMPDIR:-/tmp}/firedrill-shards-$port"
mkdir -p "$folder"
cat > "$folder/nginx.conf" <<END
daemon off;
worker_processes 1;
pid $folder/nginx.pid;
error_log $folder/error.log;
events {}
http {
  access_log $folder/access.log;
  client_body_temp_path $folder/body;
  proxy_temp_path $folder/proxy;
  fastcgi_temp_path $folder/fastcgi;
  uwsgi_temp_path $folder/uwsgi;
  scgi_temp_path $folder/scgi;
  map \$uri \$shard {
    ~[02468]\$ 127.0.0.1:$even;
    default 127.0.0.1:$odd;
  }
  server {
    listen 127.0.0.1:$port;
    location / {
      proxy_pass http://\$shard;
      proxy_connect_timeout 1s;
    }
  }
}
END
exec nginx -p "$folder" -c "$folder/nginx.conf"
