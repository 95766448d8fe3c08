// A TLS client, and a TLS server whose tickets hold the whole chain of its client:
//
//	visit PORT NAME VISITS [ALPN,ALPN]    prints each answer, or the error
//	visit serve NAME                      prints its port, and answers with NAME
//	visit chain PORT NAME VISITS LENGTH   a client with a chain of LENGTH certificates
package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// One key for the whole chain, which is as long on the wire as one with a key for each.
func chain(length int) tls.Certificate {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	result := tls.Certificate{PrivateKey: key}
	for number := 0; number < length; number++ {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(int64(number + 1)),
			Subject:      pkix.Name{CommonName: fmt.Sprintf("authority %d", length-number)},
			NotBefore:    time.Now().Add(-time.Hour),
			NotAfter:     time.Now().Add(time.Hour),
			DNSNames:     []string{strings.Repeat("a", 60) + "." + strings.Repeat("b", 60) + ".example.test"},
			IsCA:         true, BasicConstraintsValid: true,
		}
		issuer := *template
		issuer.Subject = pkix.Name{CommonName: fmt.Sprintf("authority %d", length-number-1)}
		der, err := x509.CreateCertificate(rand.Reader, template, &issuer, &key.PublicKey, key)
		must(err)
		result.Certificate = append(result.Certificate, der)
	}
	return result
}

func serve(name string) {
	config := &tls.Config{Certificates: []tls.Certificate{chain(1)}, ClientAuth: tls.RequireAnyClientCert}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	must(err)
	fmt.Printf("listening %d\n", listener.Addr().(*net.TCPAddr).Port)
	for {
		connection, err := listener.Accept()
		must(err)
		go func() {
			defer connection.Close()
			if err := connection.(*tls.Conn).Handshake(); err != nil {
				fmt.Println(err)
				return
			}
			state := connection.(*tls.Conn).ConnectionState()
			io.CopyN(io.Discard, connection, 1)
			body := fmt.Sprintf("%s %s %t", name, state.ServerName, state.DidResume)
			fmt.Fprintf(connection, "HTTP/1.1 200 OK\r\n\r\n%s\n", body)
		}()
	}
}

func visit(port, name, visits string, config *tls.Config) {
	config.InsecureSkipVerify = true
	config.ServerName = name
	config.ClientSessionCache = tls.NewLRUClientSessionCache(0)
	count, err := strconv.Atoi(visits)
	must(err)
	for ; count > 0; count-- {
		plain, err := net.Dial("tcp", "127.0.0.1:"+port)
		must(err)
		connection := tls.Client(plain, config)
		_, err = fmt.Fprint(connection, "GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
		must(err)
		answer, err := io.ReadAll(connection)
		must(err)
		parts := strings.SplitN(string(answer), "\r\n\r\n", 2)
		fmt.Println(strings.TrimSpace(parts[len(parts)-1]))
		connection.Close()
	}
}

func main() {
	args := os.Args[1:]
	switch args[0] {
	case "serve":
		serve(args[1])
	case "chain":
		length, err := strconv.Atoi(args[4])
		must(err)
		visit(args[1], args[2], args[3], &tls.Config{Certificates: []tls.Certificate{chain(length)}})
	default:
		config := &tls.Config{}
		if len(args) > 3 {
			config.NextProtos = strings.Split(args[3], ",")
		}
		visit(args[0], args[1], args[2], config)
	}
}
